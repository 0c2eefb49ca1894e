//! Discarded spawns in closures and async blocks, of every nesting: each gives its error to the function, and a literal that
//! is not `move` borrows nothing that the macro has added, in every edition.

use std::sync::mpsc;

use rejoin::task_group;

#[derive(Debug, PartialEq)]
struct Fault(&'static str);

struct Cause(&'static str);

impl From<Cause> for Fault {
    fn from(Cause(text): Cause) -> Self {
        Fault(text)
    }
}

async fn fails(text: &'static str) -> Result<u8, Cause> {
    tokio::task::yield_now().await;
    Err(Cause(text))
}

type Outcome = Result<(), Fault>;

#[task_group]
async fn a_block_in_a_block() -> Outcome {
    tokio::spawn(async {
        tokio::spawn(async {
            tokio::task::yield_now().await;
            Err::<(), _>(Cause("in both"))
        });
        tokio::task::yield_now().await;
    });
    std::future::pending().await
}

#[task_group]
async fn a_block_that_owns_in_a_block_that_borrows() -> Outcome {
    tokio::spawn(async {
        let text = "owned";
        tokio::spawn(async move { fails(text).await });
        tokio::task::yield_now().await;
    });
    std::future::pending().await
}

#[task_group]
async fn four_deep() -> Outcome {
    tokio::spawn(async {
        tokio::task::spawn_blocking(|| {
            tokio::spawn(async move {
                tokio::spawn(async {
                    tokio::spawn(fails("four deep"));
                    7_u8
                });
                8_u16
            });
        });
        tokio::task::yield_now().await;
    });
    std::future::pending().await
}

#[task_group]
async fn a_closure_that_is_kept() -> Outcome {
    let kept: Box<dyn Fn(&'static str) + Send> = Box::new(|text| {
        tokio::spawn(fails(text));
    });
    kept("kept");
    std::future::pending().await
}

#[task_group]
async fn a_closure_without_braces() -> Outcome {
    let kept: Box<dyn Fn(&'static str) + Send> = Box::new(|text| drop(tokio::spawn(fails(text))));
    kept("no braces");
    std::future::pending().await
}

/// The type of the closure's argument comes from what follows.
fn apply<A, R>(f: impl FnOnce(A) -> R, argument: A) -> R {
    f(argument)
}

#[task_group]
async fn a_closure_before_its_argument() -> Outcome {
    let length = apply(
        |text| {
            tokio::spawn(async { fails("before").await });
            text.len()
        },
        String::from("argument"),
    );
    assert_eq!(length, 8);
    std::future::pending().await
}

#[task_group]
async fn a_closure_of_an_iterator(sender: mpsc::Sender<u8>) -> Outcome {
    let numbers: Vec<u8> = vec![1_u8, 2, 3];
    let odd = numbers.iter().filter(|number| {
        tokio::spawn(fails("filtered"));
        **number % 2 == 1
    });
    odd.for_each(|number| sender.send(*number).unwrap());
    std::future::pending().await
}

#[task_group]
async fn a_closure_of_a_method() -> Outcome {
    let tracker = tokio_util::task::TaskTracker::new();
    let spawn = || {
        tracker.spawn(fails("tracked"));
    };
    spawn();
    std::future::pending().await
}

#[task_group]
async fn in_a_macro() -> Outcome {
    tokio::join!(
        async {
            tokio::spawn(async {
                tokio::spawn(fails("joined"));
                std::future::pending::<()>().await;
            });
        },
        std::future::pending::<()>(),
    );
    Ok(())
}

#[tokio::test]
async fn each_error_is_the_functions() {
    let fault = |text| Err(Fault(text));
    assert_eq!(a_block_in_a_block().await, fault("in both"));
    let owned = a_block_that_owns_in_a_block_that_borrows().await;
    assert_eq!(owned, fault("owned"));
    assert_eq!(four_deep().await, fault("four deep"));
    assert_eq!(a_closure_that_is_kept().await, fault("kept"));
    assert_eq!(a_closure_without_braces().await, fault("no braces"));
    assert_eq!(a_closure_before_its_argument().await, fault("before"));
    let (sender, receiver) = mpsc::channel();
    assert_eq!(a_closure_of_an_iterator(sender).await, fault("filtered"));
    assert_eq!(receiver.iter().collect::<Vec<_>>(), [1, 3]);
    assert_eq!(a_closure_of_a_method().await, fault("tracked"));
    assert_eq!(in_a_macro().await, fault("joined"));
}
