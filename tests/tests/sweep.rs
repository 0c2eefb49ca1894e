//! A scenario is run again and again; each time its future is dropped, or panics, at one await further on. Whatever
//! happens, every task comes home and every destructor runs once.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use rejoin::{guarded, task_group};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Counts what is alive, and the awaits that have been passed.
#[derive(Clone, Default)]
struct World {
    alive: Arc<AtomicUsize>,
    awaits: Arc<AtomicUsize>,
    panic_at: usize,
}

struct Alive(Arc<AtomicUsize>);

impl Drop for Alive {
    fn drop(&mut self) {
        assert_ne!(self.0.fetch_sub(1, Ordering::SeqCst), 0, "dropped twice");
    }
}

impl World {
    fn enter(&self) -> Alive {
        self.alive.fetch_add(1, Ordering::SeqCst);
        Alive(Arc::clone(&self.alive))
    }

    async fn step(&self) {
        let step = self.awaits.fetch_add(1, Ordering::SeqCst) + 1;
        assert_ne!(step, self.panic_at, "injected");
        tokio::task::yield_now().await;
    }
}

#[task_group(limit = 3)]
async fn scenario(world: World) -> Result<usize, BoxError> {
    let _here = world.enter();
    let held = tokio::spawn(leaf(world.clone(), 1));
    for n in 0..4 {
        tokio::spawn(leaf(world.clone(), n));
    }
    background(world.clone()).await?;
    let inner = nested(world.clone()).await?;
    world.step().await;
    Ok(inner + held.await??)
}

#[task_group]
async fn nested(world: World) -> Result<usize, BoxError> {
    let _here = world.enter();
    let again = world.clone();
    tokio::spawn(async move {
        let _here = again.enter();
        tokio::spawn(leaf(again.clone(), 2));
        deepest(again).await
    });
    let mut set = tokio::task::JoinSet::new();
    for n in 0..2 {
        set.spawn(leaf(world.clone(), n));
    }
    let mut sum = 0;
    while let Some(n) = set.join_next().await {
        sum += n??;
        world.step().await;
    }
    Ok(sum)
}

#[task_group(on_failure = "isolate")]
async fn deepest(world: World) -> Result<(), BoxError> {
    tokio::spawn(leaf(world.clone(), 3));
    world.step().await;
    let flushed = world.clone();
    rejoin::shield(async move {
        let _here = flushed.enter();
        tokio::task::yield_now().await;
    })
    .await;
    Ok(())
}

async fn leaf(world: World, n: usize) -> Result<usize, BoxError> {
    let _here = world.enter();
    for _ in 0..n {
        world.step().await;
    }
    Ok(n)
}

#[guarded]
async fn background(world: World) -> Result<(), BoxError> {
    let again = world.clone();
    tokio::spawn(async move {
        let _here = again.enter();
        again.step().await;
    });
    world.step().await;
    Ok(())
}

/// Polls a future a number of times, and drops it if it is not ready by then.
struct Polls<F>(Option<Pin<Box<F>>>, usize);

impl<F: Future> Future for Polls<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if self.1 == 0 {
            self.0 = None;
            return Poll::Ready(None);
        }
        self.1 -= 1;
        let future = self.0.as_mut().expect("polled after it was ready");
        future.as_mut().poll(cx).map(Some)
    }
}

async fn everyone_is_home(world: &World, what: &str) {
    for _ in 0..10_000 {
        if rejoin::root().live().is_empty() && world.alive.load(Ordering::SeqCst) == 0 {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!(
        "{what}: {} alive, tasks {:?}",
        world.alive.load(Ordering::SeqCst),
        rejoin::root().live()
    );
}

// One test: both sweeps look at everything that is alive in the process.
#[test]
fn dropped_or_panicking_at_every_await_nothing_leaks_hangs_or_is_lost() {
    for runtime in [
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap(),
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap(),
    ] {
        runtime.block_on(async {
            let world = World::default();
            assert_eq!(scenario(world.clone()).await.unwrap(), 2);
            everyone_is_home(&world, "undisturbed").await;
            let awaits = world.awaits.load(Ordering::SeqCst);
            assert!(awaits > 15);

            let mut dropped = 0;
            loop {
                let world = World::default();
                let ended = pin!(Polls(Some(Box::pin(scenario(world.clone()))), dropped)).await;
                everyone_is_home(&world, &format!("dropped after {dropped} polls")).await;
                if ended.is_some() {
                    break;
                }
                dropped += 1;
            }
            assert!(dropped > 0);

            for panic_at in 1..=awaits {
                let world = World {
                    panic_at,
                    ..World::default()
                };
                let outcome = scenario(world.clone()).await;
                everyone_is_home(&world, &format!("panicking at {panic_at}")).await;
                // An isolated or a background task may have been the one that panicked.
                if let Err(error) = outcome {
                    assert!(error.to_string().contains("injected"), "{error}");
                }
            }
        });
    }
}
