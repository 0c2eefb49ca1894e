//! `tracing::instrument`: the span is that of the function, for its body and for its tasks, in either order.

use super::{Failure, is_tracked};
use tracing::instrument;
use tracing::subscriber::DefaultGuard;

/// A subscriber for this thread, so that spans are enabled.
fn subscribe() -> DefaultGuard {
    use tracing_subscriber::util::SubscriberInitExt;
    tracing_subscriber::registry().set_default()
}

fn span() -> Option<&'static str> {
    tracing::Span::current()
        .metadata()
        .map(tracing::Metadata::name)
}

type Names = (Option<&'static str>, Option<&'static str>);

macro_rules! both_orders {
    ($above:ident, $below:ident, $($attribute:tt)*) => {
        #[$($attribute)*]
        #[instrument(fields(x = x, y = %y), skip_all)]
        async fn $above(x: u8, y: &str) -> Result<Names, Failure> {
            tokio::spawn(std::future::ready(()));
            let task = tokio::spawn(async { span() }).await?;
            assert!(x < 9, "{y}");
            Ok((span(), task))
        }

        #[instrument(fields(x = x, y = %y), skip_all, err(Debug), ret, level = "debug")]
        #[$($attribute)*]
        async fn $below(x: u8, y: &str) -> Result<Names, Failure> {
            tokio::spawn(std::future::ready(()));
            let task = tokio::spawn(async { span() }).await?;
            assert!(x < 9, "{y}");
            Ok((span(), task))
        }
    };
}

both_orders!(guarded_above, guarded_below, rejoin::guarded);
both_orders!(grouped_above, grouped_below, rejoin::task_group);

#[tokio::test]
async fn the_span_of_the_function_is_current_in_its_body_and_tasks() {
    let _guard = subscribe();
    assert_eq!(
        guarded_above(1, "").await.unwrap(),
        (Some("guarded_above"), Some("guarded_above"))
    );
    assert_eq!(
        guarded_below(1, "").await.unwrap(),
        (Some("guarded_below"), Some("guarded_below"))
    );
    assert_eq!(
        grouped_above(1, "").await.unwrap(),
        (Some("grouped_above"), Some("grouped_above"))
    );
    assert_eq!(
        grouped_below(1, "").await.unwrap(),
        (Some("grouped_below"), Some("grouped_below"))
    );
}

#[tokio::test]
async fn a_panic_is_recovered_through_the_span() {
    let _guard = subscribe();
    assert_eq!(guarded_above(9, "a").await.unwrap_err().0, "a");
    assert_eq!(guarded_below(9, "b").await.unwrap_err().0, "b");
    assert_eq!(grouped_above(9, "c").await.unwrap_err().0, "c");
    assert_eq!(grouped_below(9, "d").await.unwrap_err().0, "d");
}

#[rejoin::guarded(on_panic = "unwind")]
#[instrument(skip(rx))]
fn plain_above(rx: tokio::sync::oneshot::Receiver<()>) -> Option<&'static str> {
    tokio::spawn(async { rx.await.ok() });
    span()
}

#[instrument(skip(rx))]
#[rejoin::guarded(on_panic = "unwind")]
fn plain_below(rx: tokio::sync::oneshot::Receiver<()>) -> Option<&'static str> {
    tokio::spawn(async { rx.await.ok() });
    span()
}

#[tokio::test]
async fn plain_functions_are_tracked_in_both_orders() {
    let _guard = subscribe();
    let (above, rx) = tokio::sync::oneshot::channel();
    assert_eq!(plain_above(rx), Some("plain_above"));
    let (below, rx) = tokio::sync::oneshot::channel();
    assert_eq!(plain_below(rx), Some("plain_below"));
    assert!(is_tracked("plain_above") && is_tracked("plain_below"));
    drop((above, below));
}

struct Service(String);

#[rejoin::guarded]
impl Service {
    #[instrument(skip(self), fields(name = %self.0))]
    async fn call(&self, x: u8) -> Names {
        let task = tokio::spawn(async { span() }).await.unwrap();
        let _ = x;
        (span(), task)
    }
}

#[tokio::test]
async fn methods_of_a_whole_impl_keep_their_span() {
    let _guard = subscribe();
    assert_eq!(
        Service("s".into()).call(1).await,
        (Some("call"), Some("call"))
    );
}
