//! `async_trait`: on the methods of an impl, on the impl above and below it, and on default methods.

use super::{Failure, is_tracked};
use async_trait::async_trait;
use tokio::sync::oneshot::{Receiver, channel};

#[async_trait]
trait Job: Send + Sync {
    async fn held(&self, x: &str) -> Result<usize, Failure>;
    async fn background(&mut self, rx: Receiver<()>);
    async fn by_value(self: Box<Self>, x: String) -> Result<String, Failure>;
}

struct Methods;

#[async_trait]
impl Job for Methods {
    #[rejoin::guarded]
    async fn held(&self, x: &str) -> Result<usize, Failure> {
        let n = x.len();
        assert!(n < 9, "too long");
        Ok(tokio::spawn(async move { n }).await?)
    }

    #[rejoin::guarded]
    async fn background(&mut self, rx: Receiver<()>) {
        tokio::spawn(async { rx.await.ok() });
    }

    #[rejoin::task_group]
    async fn by_value(self: Box<Self>, x: String) -> Result<String, Failure> {
        assert!(x.len() < 9, "too long");
        tokio::spawn(std::future::ready(()));
        Ok(x)
    }
}

struct Below;

#[async_trait]
#[rejoin::guarded]
impl Job for Below {
    async fn held(&self, x: &str) -> Result<usize, Failure> {
        let n = x.len();
        Ok(tokio::spawn(async move { n }).await?)
    }

    async fn background(&mut self, rx: Receiver<()>) {
        tokio::spawn(async { rx.await.ok() });
    }

    async fn by_value(self: Box<Self>, x: String) -> Result<String, Failure> {
        Ok(x)
    }
}

struct Above;

#[rejoin::guarded]
#[async_trait]
impl Job for Above {
    async fn held(&self, x: &str) -> Result<usize, Failure> {
        let n = x.len();
        Ok(tokio::spawn(async move { n }).await?)
    }

    async fn background(&mut self, rx: Receiver<()>) {
        tokio::spawn(async { rx.await.ok() });
    }

    async fn by_value(self: Box<Self>, x: String) -> Result<String, Failure> {
        Ok(x)
    }
}

async fn exercise(mut job: Box<dyn Job>, name: &str) {
    assert_eq!(job.held("abc").await.unwrap(), 3);
    let (alive, rx) = channel();
    job.background(rx).await;
    assert!(is_tracked(name), "{name} is tracked");
    drop(alive);
    assert_eq!(job.by_value("v".into()).await.unwrap(), "v");
}

#[tokio::test]
async fn tasks_are_tracked_wherever_the_attribute_stands() {
    exercise(Box::new(Methods), "async_trait::background").await;
    exercise(Box::new(Below), "Below::background").await;
    exercise(Box::new(Above), "Above::background").await;
}

#[tokio::test]
async fn a_boxed_method_recovers() {
    let long = "too long for it";
    assert_eq!(Methods.held(long).await.unwrap_err().0, "too long");
    assert_eq!(
        Box::new(Methods).by_value(long.into()).await.unwrap_err().0,
        "too long"
    );
}

#[async_trait]
trait Defaults: Sync {
    #[rejoin::guarded]
    async fn guarded(&self, x: u8) -> Result<u8, Failure> {
        assert!(x > 0, "zero");
        Ok(tokio::spawn(async move { x }).await?)
    }

    #[rejoin::task_group]
    async fn grouped<'a>(&'a self, x: &'a str) -> Result<&'a str, Failure>
    where
        Self: Sized,
    {
        assert!(!x.is_empty(), "empty");
        tokio::spawn(std::future::ready(()));
        Ok(x)
    }
}

impl Defaults for u8 {}

#[tokio::test]
async fn default_methods_recover() {
    assert_eq!(1.guarded(1).await.unwrap(), 1);
    assert_eq!(1.guarded(0).await.unwrap_err().0, "zero");
    assert_eq!(1.grouped("a").await.unwrap(), "a");
    assert_eq!(1.grouped("").await.unwrap_err().0, "empty");
}

#[async_trait(?Send)]
trait Local {
    async fn local(&self) -> Result<u8, Failure>;
}

#[async_trait(?Send)]
impl Local for std::rc::Rc<u8> {
    #[rejoin::task_group]
    async fn local(&self) -> Result<u8, Failure> {
        let own = self.clone();
        tokio::task::spawn_local(async move { assert_eq!(*own, 2) });
        Ok(**self)
    }
}

#[tokio::test]
async fn futures_that_stay_on_their_thread() {
    let set = tokio::task::LocalSet::new();
    assert_eq!(set.run_until(std::rc::Rc::new(2).local()).await.unwrap(), 2);
}

#[async_trait]
trait Batch {
    async fn run(&self, last: &str) -> Result<u32, rejoin::Errors<std::io::Error>>;
}

struct Collecting;

#[async_trait]
impl Batch for Collecting {
    #[rejoin::task_group(on_failure = "collect")]
    async fn run(&self, last: &str) -> Result<u32, rejoin::Errors<std::io::Error>> {
        for name in ["first", "second"] {
            tokio::spawn(async move { Err::<(), _>(std::io::Error::other(name)) });
        }
        if last.is_empty() {
            return Ok(1);
        }
        Err(std::io::Error::other(last))?
    }
}

#[tokio::test]
async fn a_method_collects_every_error() {
    let errors = Collecting.run("last").await.unwrap_err();
    assert_eq!(errors.to_string(), "3 errors: first; second; last");
    let errors = Collecting.run("").await.unwrap_err();
    assert_eq!(errors.to_string(), "2 errors: first; second");
}
