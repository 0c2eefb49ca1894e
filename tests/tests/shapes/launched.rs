//! Discarded spawns by their argument and by where they stand.

use crate::support::*;

shape! {
    futures_of_every_kind: unwind recover group => {
        own {
            pub struct S(pub Arc<AtomicUsize>);
            impl S {
                pub async fn go(self) {
                    tick(&self.0)
                }
                pub fn boxed(self: Box<Self>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
                    Box::pin(self.go())
                }
            }
        }
        item {
            pub async fn f<F: Future<Output = ()> + Send + 'static>(
                generic: F, c: &Arc<AtomicUsize>, opaque: impl Future<Output = u8> + Send + 'static,
            ) {
                use futures::FutureExt;
                let s = || S(c.clone());
                tokio::spawn(generic);
                tokio::spawn(opaque);
                tokio::spawn(s().go());
                tokio::spawn(Box::new(s()).boxed());
                tokio::spawn(s().go().map(|()| 1).boxed());
                tokio::spawn({
                    let s = s();
                    async move { s.go().await }
                });
                let fut = s().go();
                tokio::spawn(fut);
                tokio::task::spawn_blocking({
                    let c = c.clone();
                    move || tick(&c)
                });
                tokio::spawn(if c.load(Ordering::SeqCst) > 99 {
                    futures::future::Either::Left(s().go())
                } else {
                    futures::future::Either::Right(pause())
                });
                tokio::spawn(match 1 {
                    _ => s().go(),
                });
                tokio::spawn(async {}.into_future());
            }
        }
    }
    run {
        let c = counter();
        let (a, b) = (c.clone(), c.clone());
        f(async move { tick(&a) }, &c, async move {
            tick(&b);
            1
        })
        .await;
        reaches(&c, 9).await
    }
}

shape! {
    temporaries_of_the_argument: unwind group limit => {
        item {
            pub async fn f(m: Arc<Mutex<Vec<u8>>>, c: Arc<AtomicUsize>) {
                tokio::spawn(work(m.lock().unwrap().clone(), c.clone()));
                tokio::spawn(work(m.lock().unwrap().clone(), c));
            }
        }
        own { pub async fn work(v: Vec<u8>, c: Arc<AtomicUsize>) { for _ in v { tick(&c) } } }
    }
    run { let c = counter(); f(Arc::new(Mutex::new(vec![1, 2])), c.clone()).await; reaches(&c, 4).await }
}

shape! {
    a_future_with_temporaries_stays_sendable: unwind group => {
        item {
            pub async fn f(m: Arc<Mutex<u8>>) {
                tokio::spawn(wait(*m.lock().unwrap()));
                pause().await;
                let n = std::rc::Rc::new(1);
                tokio::spawn(wait(*n));
                drop(n);
            }
        }
        own { pub async fn wait(x: u8) -> u8 { x } }
    }
    run { f(Arc::new(Mutex::new(1))).await }
}

shape! {
    an_argument_that_gives_up: unwind recover group => {
        own {
            pub fn make(
                x: &str,
            ) -> Result<impl Future<Output = ()> + Send + 'static + use<>, std::num::ParseIntError> {
                let n: u8 = x.parse()?;
                Ok(async move { assert_eq!(n, 1) })
            }
        }
        item {
            pub async fn f(x: &str) -> Result<u8, Failure> {
                tokio::spawn(make(x)?);
                tokio::spawn(async {}.await_into()?);
                Ok(1)
            }
        }
        own {
            pub trait AwaitInto {
                fn await_into(self) -> Result<std::future::Ready<()>, Failure>;
            }
            impl<F: Future> AwaitInto for F {
                fn await_into(self) -> Result<std::future::Ready<()>, Failure> {
                    Ok(std::future::ready(()))
                }
            }
        }
    }
    run { (f("1").await, f("x").await) }
}

shape! {
    an_argument_that_awaits: unwind group => {
        own {
            pub async fn make(c: Arc<AtomicUsize>) -> impl Future<Output = ()> + Send + 'static {
                pause().await;
                async move { tick(&c) }
            }
        }
        item {
            pub async fn f(c: Arc<AtomicUsize>) {
                tokio::spawn(make(c.clone()).await);
                tokio::spawn({
                    let c = c.clone();
                    pause().await;
                    async move { tick(&c) }
                });
                let h = tokio::spawn(make(c).await);
                h.await.unwrap()
            }
        }
    }
    run { let c = counter(); f(c.clone()).await; reaches(&c, 3).await }
}

shape! {
    names_with_an_underscore: unwind group => {
        item {
            pub async fn f() -> (u8, bool, usize) {
                let _never = tokio::spawn(async { 1 });
                let _used = tokio::spawn(async { 2 });
                let x = _used.await.unwrap();
                let _in_a_macro = tokio::spawn(async { 3 });
                let _in_a_closure = tokio::spawn(async { 4 });
                let _shown = format!("{}", _in_a_macro.is_finished());
                let done = || _in_a_closure.is_finished();
                let _inline = tokio::spawn(async {}).id();
                let _captured_by_format = tokio::spawn(async {});
                (x, done(), format!("{_captured_by_format:?}").len().min(1))
            }
        }
    }
    run { let (x, _, n) = f().await; (x, n) }
}

shape! {
    in_plain_functions: unwind => {
        item {
            pub fn f(c: &Arc<AtomicUsize>) -> usize {
                for _ in 0..2 {
                    let c = c.clone();
                    tokio::spawn(async move { tick(&c) });
                }
                let go = {
                    let c = c.clone();
                    move || {
                        let c = c.clone();
                        tokio::spawn(async move { tick(&c) });
                    }
                };
                go();
                go();
                4
            }
        }
        item { pub fn g(c: Arc<AtomicUsize>) { std::thread::spawn(move || tick(&c)); } }
    }
    run { let c = counter(); g(c.clone()); let n = f(&c); reaches(&c, n + 1).await }
}

shape! {
    in_closures: unwind recover group => {
        item {
            pub async fn f(c: Arc<AtomicUsize>) {
                let each = |n: usize| {
                    let c = c.clone();
                    tokio::spawn(async move {
                        for _ in 0..n {
                            tick(&c)
                        }
                    });
                };
                each(1);
                (0..2).for_each(each);
                (0..2).for_each(|_| {
                    let c = c.clone();
                    drop(tokio::spawn(async move { tick(&c) }))
                });
                let handles = [1, 2].map(|_| {
                    let c = c.clone();
                    tokio::spawn(async move { tick(&c) })
                });
                for h in handles {
                    h.await.unwrap()
                }
                let later: Box<dyn FnOnce() + Send> = {
                    let c = c.clone();
                    Box::new(move || {
                        tokio::spawn(async move { tick(&c) });
                    })
                };
                later();
            }
        }
    }
    run { let c = counter(); f(c.clone()).await; reaches(&c, 7).await }
}
