//! `JoinSet` and `TaskTracker`, through fields and pointers: what their methods give stays.

use crate::support::*;
use tokio::task::JoinSet;
use tokio_util::task::TaskTracker;

shape! {
    a_local_join_set: unwind recover group limit => {
        item {
            pub async fn f(n: u8) -> Result<(u8, &'static str), Failure> {
                let mut set = JoinSet::new();
                for x in 0..n {
                    set.spawn(async move { x });
                }
                set.spawn_blocking(|| 1);
                let abort = set.spawn(std::future::pending());
                let k = kind(&abort);
                abort.abort();
                let mut sum = 0;
                while let Some(x) = set.join_next().await {
                    match x {
                        Ok(x) => sum += x,
                        Err(e) => assert!(e.is_cancelled()),
                    }
                }
                Ok((sum, k))
            }
        }
    }
    run { f(4).await }
}

shape! {
    a_set_through_pointers_and_fields: unwind group => {
        own {
            pub struct S {
                pub set: JoinSet<u8>,
                pub inner: Inner,
            }
            #[derive(Default)]
            pub struct Inner {
                pub sets: (JoinSet<u8>, Box<JoinSet<u8>>),
            }
        }
        methods (impl S) {
            {
                pub async fn f(&mut self) -> u8 {
                    self.set.spawn(async { 1 });
                    self.inner.sets.0.spawn(async { 2 });
                    self.inner.sets.1.spawn(async { 3 });
                    let set = &mut self.set;
                    set.spawn(pause_then(4));
                    add(set);
                    let mut sum = 0;
                    while let Some(x) = self.set.join_next().await {
                        sum += x.unwrap();
                    }
                    while let Some(x) = self.inner.sets.0.join_next().await {
                        sum += x.unwrap();
                    }
                    sum + self.inner.sets.1.join_next().await.unwrap().unwrap()
                }
            }
        }
        plain {
            pub fn add(set: &mut JoinSet<u8>) {
                set.spawn(async { 5 });
                let boxed = Box::new(set);
                boxed.spawn(std::future::ready(6));
            }
        }
        own { pub async fn pause_then(x: u8) -> u8 { pause().await; x } }
    }
    run { let mut s = S { set: JoinSet::new(), inner: Inner::default() }; s.f().await }
}

shape! {
    a_set_behind_a_lock: unwind group => {
        item {
            pub async fn f(
                a: Arc<Mutex<JoinSet<u8>>>, b: &tokio::sync::Mutex<JoinSet<u8>>,
                c: std::rc::Rc<std::cell::RefCell<JoinSet<u8>>>,
            ) -> u8 {
                a.lock().unwrap().spawn(async { 1 });
                {
                    let mut guard = a.lock().unwrap();
                    guard.spawn(async { 2 });
                }
                b.lock().await.spawn(async { 3 });
                let mut guard = b.lock().await;
                guard.spawn(std::future::ready(4));
                let mut cell = c.borrow_mut();
                cell.spawn(std::future::ready(5));
                drop(cell);
                let mut sum =
                    guard.join_next().await.unwrap().unwrap() + guard.join_next().await.unwrap().unwrap();
                let mut set = std::mem::take(&mut *a.lock().unwrap());
                sum += c.take().join_next().await.unwrap().unwrap();
                while let Some(x) = set.join_next().await {
                    sum += x.unwrap();
                }
                sum
            }
        }
    }
    run { f(Arc::default(), &tokio::sync::Mutex::default(), Default::default()).await }
}

shape! {
    a_set_whose_type_comes_later: unwind group => {
        item {
            pub async fn f() -> (u16, usize, Vec<String>) {
                let mut a = JoinSet::new();
                let mut b: JoinSet<_> = JoinSet::new();
                let mut c = JoinSet::default();
                a.spawn(async { 1 });
                a.spawn(async { Default::default() });
                b.spawn(async { None });
                b.spawn(async { Some("b") });
                c.spawn(async { String::from("c") });
                let mut sum: u16 = 0;
                while let Some(x) = a.join_next().await {
                    sum += x.unwrap();
                }
                (sum, b.join_all().await.into_iter().flatten().count(), c.join_all().await)
            }
        }
    }
    run { f().await }
}

shape! {
    results_in_a_set: unwind recover group => {
        item {
            pub async fn f(x: &str) -> Result<u8, Failure> {
                let mut set = JoinSet::new();
                for x in x.split(',').map(str::to_owned) {
                    set.spawn(async move {
                        let n: u8 = x.parse()?;
                        Ok::<_, Failure>(n)
                    });
                }
                let mut sum = 0;
                while let Some(x) = set.join_next().await {
                    sum += x??;
                }
                Ok(sum)
            }
        }
    }
    run { (f("1,2,3").await, f("x").await) }
}

shape! {
    other_methods_of_a_set: unwind group => {
        item {
            pub async fn f() -> (usize, bool, &'static str) {
                let mut set = JoinSet::new();
                let handle = tokio::runtime::Handle::current();
                set.spawn_on(async { 1 }, &handle);
                set.spawn_blocking_on(|| 2, &handle);
                set.spawn_local(async { 3 });
                let local = tokio::task::LocalSet::new();
                set.spawn_local_on(async { 4 }, &local);
                let k = kind(&set);
                let n = set.len();
                local
                    .run_until(async {
                        for _ in 0..4 {
                            set.join_next().await;
                        }
                    })
                    .await;
                set.shutdown().await;
                (n, set.is_empty(), k)
            }
        }
    }
    run { f().await }
}

shape! {
    a_set_from_a_call: unwind group => {
        own {
            pub struct S {
                set: JoinSet<u8>,
            }
            impl S {
                pub fn new() -> Self {
                    S { set: JoinSet::new() }
                }
                fn set(&mut self) -> &mut JoinSet<u8> {
                    &mut self.set
                }
            }
        }
        methods (impl S) {
            {
                pub async fn f(&mut self) -> usize {
                    self.set().spawn(async { 1 });
                    let v = &mut [JoinSet::new()];
                    v[0].spawn(async { 2 });
                    (&mut *self.set()).spawn(async { 3 });
                    v[0].len() + self.set.len()
                }
            }
        }
    }
    run { S::new().f().await }
}

shape! {
    a_task_tracker: unwind recover group => {
        own { pub struct S { pub tracker: TaskTracker, pub shared: Arc<TaskTracker> } }
        methods (impl S) {
            {
                pub async fn f(&self, c: &Arc<AtomicUsize>) -> Result<(u8, &'static str), Failure> {
                    let go = || {
                        let c = c.clone();
                        async move { tick(&c) }
                    };
                    self.tracker.spawn(go());
                    self.shared.spawn(go());
                    let clone = self.tracker.clone();
                    clone.spawn(go());
                    let d = c.clone();
                    self.tracker.spawn_blocking(move || tick(&d));
                    self.tracker.spawn_local(go());
                    let h = self.tracker.spawn(async { 1 });
                    let _ = clone.spawn(async { "2".parse::<u8>() });
                    let k = kind(&h);
                    let x = h.await? + self.tracker.spawn(async { 2 }).await?;
                    self.tracker.close();
                    self.tracker.wait().await;
                    Ok((x, k))
                }
            }
        }
    }
    run {
        let c = counter();
        let s = S { tracker: TaskTracker::new(), shared: Arc::default() };
        (s.f(&c).await, reaches(&c, 5).await)
    }
}

shape! {
    arguments_of_every_kind: unwind group => {
        own { pub async fn go(x: u8) -> u8 { x } }
        item {
            pub async fn f() -> u8 {
                let mut set = JoinSet::new();
                let fut = go(1);
                set.spawn(fut);
                set.spawn(go(2));
                set.spawn(Box::pin(go(3)));
                set.spawn({
                    let x = 4;
                    async move { x }
                });
                set.spawn(go(set.len() as u8));
                set.spawn(async move { tokio::spawn(go(5)).await.unwrap() });
                set.spawn(tokio::task::unconstrained(go(6)));
                let mut sum = 0;
                while let Some(x) = set.join_next().await {
                    sum += x.unwrap();
                }
                sum
            }
        }
    }
    run { f().await }
}

shape! {
    a_set_in_select: unwind group => {
        item {
            pub async fn f(mut rx: tokio::sync::mpsc::Receiver<u8>) -> u8 {
                let (mut set, mut sum) = (JoinSet::new(), 0);
                loop {
                    tokio::select! {
                        biased;
                        Some(x) = rx.recv() => { set.spawn(async move { x }); }
                        Some(x) = set.join_next() => sum += x.unwrap(),
                        else => break sum,
                    }
                }
            }
        }
    }
    run {
        let (tx, rx) = tokio::sync::mpsc::channel(4);
        for x in 1..4 {
            tx.send(x).await.unwrap();
        }
        drop(tx);
        f(rx).await
    }
}

shape! {
    a_join_handle_of_a_tracker_is_kept: unwind group => {
        item {
            pub async fn f(t: &TaskTracker) -> Vec<tokio::task::JoinHandle<u8>> {
                let mut v = vec![t.spawn(async { 1 })];
                v.push(t.spawn(async { 2 }));
                for x in 3..5 {
                    let h = t.spawn(async move { x });
                    v.push(h);
                }
                v
            }
        }
    }
    run { let mut sum = 0; for h in f(&TaskTracker::new()).await { sum += h.await.unwrap(); } sum }
}
