//! What is run: programs in which every await is a point of the world's.
//!
//! Each is told for every point to whom a failure there belongs, and says whether a token and a deadline bound it.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt;
use rejoin::{OnFailure, TaskGroup, guarded, must_join, task_group};
use tokio::sync::mpsc;
use tokio::task::{JoinSet, LocalSet};
use tokio_util::task::TaskTracker;

use super::world::{Error, Here, To, World};

type Run = fn(World) -> Pin<Box<dyn Future<Output = Result<u64, Error>>>>;

pub(crate) struct Program {
    pub(crate) name: &'static str,
    pub(crate) run: Run,
    /// What it returns undisturbed.
    pub(crate) value: u64,
    /// Whether it has the world's token and deadline.
    pub(crate) bounded: bool,
    /// Whether a panic of its body is an error of its.
    pub(crate) catches: bool,
}

macro_rules! program {
    ($name:ident, $value:expr, $bounded:expr, $catches:expr) => {
        Program {
            name: stringify!($name),
            run: |world| Box::pin($name(world)),
            value: $value,
            bounded: $bounded,
            catches: $catches,
        }
    };
}

pub(crate) const PROGRAMS: &[Program] = &[
    program!(handler, 6, false, true),
    program!(nested, 15, true, true),
    program!(explicit, 9, true, false),
    program!(joined, 6, false, false),
    program!(retried, 2, false, false),
    program!(raced, 1, true, true),
    program!(piped, 10, true, true),
    program!(methods, 5, true, true),
    program!(local, 3, true, true),
];

/// A task that passes so many points.
async fn leaf(world: World, here: Here, to: To, points: u64) -> Result<u64, Error> {
    let _here = here;
    for _ in 0..points {
        world.point(to).await?;
    }
    Ok(points)
}

/// The same; what is alive counts from here, also when it is never polled.
fn task(world: &World, to: To, points: u64) -> impl Future<Output = Result<u64, Error>> + use<> {
    leaf(world.clone(), world.here(), to, points)
}

/// A handler with a task that it waits for, some of a set, and some that go on behind its answer.
#[guarded]
async fn handler(world: World) -> Result<u64, Error> {
    let _here = world.here();
    let held = tokio::spawn(task(&world, To::Caller, 2));
    world.know(&held);
    tokio::spawn(task(&world, To::Report, 2));
    let tracker = TaskTracker::new();
    tracker.spawn(task(&world, To::Report, 1));
    let mut set = JoinSet::new();
    for points in 1..3 {
        set.spawn(task(&world, To::Caller, points));
    }
    let mut sum = 1;
    while let Some(one) = set.join_next().await {
        sum += one??;
        world.point(To::Caller).await?;
    }
    Ok(sum + held.await??)
}

/// Groups in groups, each of another kind.
#[task_group(limit = 2, token = world.token(), deadline = world.deadline())]
async fn nested(world: World) -> Result<u64, Error> {
    let _here = world.here();
    let held = tokio::spawn(task(&world, To::Caller, 2));
    world.know(&held);
    for points in 0..3 {
        tokio::spawn(task(&world, To::Caller, points));
    }
    let (inside, here) = (world.clone(), world.here());
    tokio::spawn(async move {
        let _here = here;
        inside.point(To::Caller).await?;
        isolated(inside).await
    });
    world.point(To::Caller).await?;
    let sum = isolated(world.clone()).await? + collected(world.clone()).await?;
    world.point(To::Caller).await?;
    Ok(sum + held.await??)
}

#[task_group(on_failure = "isolate")]
async fn isolated(world: World) -> Result<u64, Error> {
    let _here = world.here();
    tokio::spawn(task(&world, To::Report, 2));
    let (inside, here) = (world.clone(), world.here());
    tokio::spawn(async move {
        let _here = here;
        tokio::spawn(task(&inside, To::Report, 1));
        inside.point(To::Report).await
    });
    world.point(To::Caller).await?;
    let flushed = rejoin::shield(task(&world, To::Caller, 2));
    Ok(4 + flushed.await?)
}

#[task_group(on_failure = "collect")]
async fn collected(world: World) -> Result<u64, rejoin::Errors<Error>> {
    let _here = world.here();
    for points in 0..3 {
        tokio::spawn(task(&world, To::Caller, points));
    }
    world.point(To::Caller).await?;
    Ok(7)
}

/// A group in a variable, and what leaves it.
async fn explicit(world: World) -> Result<u64, Error> {
    let _here = world.here();
    let builder = TaskGroup::<Error>::builder().limit(2);
    let group = builder
        .token(world.token())
        .deadline(world.deadline())
        .open();
    let held = group.spawn(task(&world, To::Caller, 2));
    world.know(&held);
    group.launch(task(&world, To::Caller, 2));
    let (inside, here) = (world.clone(), world.here());
    group.launch(async move {
        let _here = here;
        let group = TaskGroup::<Error>::builder()
            .on_failure(OnFailure::Isolate)
            .open();
        group.launch(task(&inside, To::Report, 1));
        group.launch(task(&inside, To::Report, 1));
        inside.point(To::Caller).await?;
        group.join().await
    });
    let tried = group
        .try_spawn(task(&world, To::Caller, 1))
        .unwrap_or_else(|future| group.spawn(future));
    let (inside, here) = (world.clone(), world.here());
    let blocking = group.spawn_blocking(move || {
        let _here = here;
        inside.point_sync(To::Caller)
    });
    let gone = group.spawn(task(&world, To::Nobody, 2));
    rejoin::detach(gone, "it is written beside the answer");
    drop(rejoin::root().spawn(task(&world, To::Nobody, 1)));
    world.point(To::Caller).await?;
    let held = held.await.map_err(Error::from);
    let tried = tried.await.map_err(Error::from);
    let blocking = blocking.await.map_err(Error::from);
    // Whoever failed first, and not whom that has cancelled.
    group.join().await?;
    blocking??;
    Ok(6 + held?? + tried??)
}

/// Handles that are joined on every path.
#[must_join]
async fn joined(world: World) -> Result<u64, Error> {
    let _here = world.here();
    let one = tokio::spawn(task(&world, To::Caller, 2));
    let two = tokio::spawn(task(&world, To::Caller, 1));
    world.know(&one);
    let (one, two) = tokio::join!(one, two);
    let (one, two) = (one.map_err(Error::from), two.map_err(Error::from));
    let mut three = tokio::spawn(task(&world, To::Caller, 3));
    world.know(&three);
    let in_time = tokio::time::timeout(Duration::from_secs(86_400), &mut three).await;
    let three = if let Ok(three) = in_time {
        three
    } else {
        three.abort();
        three.await
    };
    let three = three.map_err(Error::from);
    let sum = one?? + two?? + three??;
    world.point(To::Caller).await?;
    Ok(sum)
}

/// A piece of work that is done again when it has failed.
#[guarded(on_panic = "unwind")]
async fn retried(world: World) -> Result<u64, Error> {
    let _here = world.here();
    loop {
        let work = tokio::spawn(task(&world, To::Program, 2));
        world.know(&work);
        match work.await {
            Ok(Ok(done)) => return Ok(done),
            Ok(Err(error)) => world.take(error),
            Err(error) => world.take(error.into()),
        }
    }
}

/// Two that do the same: the first success is the answer, the other is stopped.
#[task_group(token = world.token(), deadline = world.deadline())]
async fn raced(world: World) -> Result<u64, Error> {
    let _here = world.here();
    let mut fast = tokio::spawn(task(&world, To::Program, 1));
    let mut slow = tokio::spawn(task(&world, To::Program, 4));
    world.know(&fast);
    world.know(&slow);
    world.point(To::Caller).await?;
    let (first, other) = tokio::select! {
        first = &mut fast => (first, slow),
        first = &mut slow => (first, fast),
    };
    let first = match first {
        Ok(Ok(_)) => {
            other.abort();
            match other.await {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => world.take(error),
                Err(error) => world.take(error.into()),
            }
            return Ok(1);
        }
        Ok(Err(error)) => error,
        Err(error) => error.into(),
    };
    world.take(first);
    other.await??;
    Ok(1)
}

/// Producers, a queue, workers in a stream, and a body that adds up.
#[task_group(token = world.token(), deadline = world.deadline())]
async fn piped(world: World) -> Result<u64, Error> {
    let _here = world.here();
    let (send, mut queue) = mpsc::channel(1);
    let (sums, mut results) = mpsc::channel(1);
    for n in 0..2 {
        let (send, world, here) = (send.clone(), world.clone(), world.here());
        tokio::spawn(async move {
            let _here = here;
            for m in 1..3_u64 {
                world.point(To::Caller).await?;
                // Whoever has gone says why.
                let Ok(()) = send.send(2 * n + m).await else {
                    break;
                };
            }
            Ok::<_, Error>(())
        });
    }
    drop(send);
    let (worker, here) = (world.clone(), world.here());
    tokio::spawn(async move {
        let _here = here;
        let queue = futures::stream::poll_fn(|cx| queue.poll_recv(cx));
        let mut done = queue
            .map(|n| {
                let (world, here) = (worker.clone(), worker.here());
                let one = tokio::spawn(async move {
                    let _here = here;
                    world.point(To::Caller).await?;
                    Ok::<_, Error>(n)
                });
                async move { one.await? }
            })
            .buffer_unordered(2);
        while let Some(n) = done.next().await {
            let Ok(()) = sums.send(n?).await else { break };
        }
        Ok::<_, Error>(())
    });
    let mut sum = 0;
    for _ in 0..4 {
        // What is missing was lost with a task, whose failure goes before this one.
        sum += results.recv().await.ok_or(Error::Closed)?;
        world.point(To::Caller).await?;
    }
    Ok(sum)
}

#[async_trait]
trait Store {
    async fn get(&self) -> Result<u64, Error>;
}

#[async_trait]
impl Store for World {
    #[guarded]
    async fn get(&self) -> Result<u64, Error> {
        let _here = self.here();
        let held = tokio::spawn(task(self, To::Caller, 1));
        self.point(To::Caller).await?;
        held.await?
    }
}

struct Service(World);

#[guarded]
impl Service {
    async fn both(&self) -> Result<u64, Error> {
        tokio::spawn(task(&self.0, To::ReportOrGroup, 1));
        let (one, two) = tokio::try_join!(self.0.get(), self.0.get())?;
        self.0.point(To::Caller).await?;
        Ok(one + two)
    }

    #[task_group(token = self.0.token(), deadline = self.0.deadline(), grace = "1ms")]
    #[guarded]
    #[must_join]
    async fn all(&self) -> Result<u64, Error> {
        let _here = self.0.here();
        let held = tokio::spawn(task(&self.0, To::Caller, 3));
        self.0.know(&held);
        let both = self.both().await;
        Ok(held.await?? + both?)
    }
}

async fn methods(world: World) -> Result<u64, Error> {
    Service(world).all().await
}

/// Tasks that stay on their thread.
#[task_group(token = world.token(), deadline = world.deadline())]
async fn local(world: World) -> Result<u64, Error> {
    let _here = world.here();
    let set = LocalSet::new();
    let sum = set
        .run_until(async {
            let held = tokio::task::spawn_local(task(&world, To::Caller, 2));
            world.know(&held);
            tokio::task::spawn_local(task(&world, To::Caller, 1));
            world.point(To::Caller).await?;
            rejoin::shield_local(task(&world, To::Caller, 1)).await?;
            held.await?
        })
        .await?;
    set.await;
    world.point(To::Caller).await?;
    Ok(sum + 1)
}
