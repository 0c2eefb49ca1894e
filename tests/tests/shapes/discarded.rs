//! Spawns whose handle nobody takes: the statement stays a statement, and the task runs.

use crate::support::*;

shape! {
    as_a_statement: unwind recover group isolate limit => {
        item {
            pub async fn f(c: Arc<AtomicUsize>) {
                let d = c.clone();
                tokio::spawn(async move { tick(&d) });
                let d = c.clone();
                tokio::task::spawn(async move {
                    tick(&d);
                });
                let d = c.clone();
                tokio::task::spawn_blocking(move || tick(&d));
                let d = c.clone();
                std::thread::spawn(move || tick(&d));
                tokio::task::spawn_local(async move { tick(&c) });
            }
        }
    }
    run { let c = counter(); f(c.clone()).await; reaches(&c, 5).await }
}

shape! {
    let_underscore_and_drop: unwind recover group => {
        item {
            #[allow(clippy::let_underscore_future, unused_must_use)]
            pub async fn f(c: &Arc<AtomicUsize>) {
                let go = || {
                    let c = c.clone();
                    async move { tick(&c) }
                };
                let _ = tokio::spawn(go());
                _ = tokio::spawn(go());
                drop(tokio::spawn(go()));
                std::mem::drop(tokio::spawn(go()));
                let _handle = tokio::spawn(go());
                let _typed: tokio::task::JoinHandle<()> = tokio::spawn(go());
                {
                    tokio::spawn(go())
                };
                (tokio::spawn(go()));
            }
        }
    }
    run { let c = counter(); f(&c).await; reaches(&c, 8).await }
}

shape! {
    through_blocks_and_branches: unwind group limit => {
        item {
            #[allow(unused_must_use)]
            pub async fn f(x: u8, c: Arc<AtomicUsize>) {
                let go = || {
                    let c = c.clone();
                    async move { tick(&c) }
                };
                if x == 0 {
                    tokio::spawn(go());
                } else {
                    tokio::spawn(go());
                }
                if x == 0 {
                    tokio::spawn(go())
                } else {
                    tokio::task::spawn(go())
                };
                match x {
                    0 => {
                        tokio::spawn(go());
                    }
                    1 => drop(tokio::spawn(go())),
                    _ => (),
                }
                match x {
                    0 => tokio::spawn(go()),
                    1 => {
                        pause().await;
                        tokio::spawn(go())
                    }
                    _ => return,
                };
                let _ = if x == 0 { Some(tokio::spawn(go())) } else { None };
                'out: {
                    if x == 1 {
                        tokio::spawn(go());
                        break 'out;
                    }
                }
                loop {
                    tokio::spawn(go());
                    break;
                }
            }
        }
    }
    run {
        let (a, b) = (counter(), counter());
        f(0, a.clone()).await;
        f(1, b.clone()).await;
        (reaches(&a, 6).await, reaches(&b, 6).await)
    }
}

shape! {
    as_the_tail_of_a_unit_function: unwind group => {
        item { pub async fn f(c: Arc<AtomicUsize>) { tokio::spawn(async move { tick(&c) }); } }
        plain { pub fn g(c: Arc<AtomicUsize>) { drop(tokio::spawn(async move { tick(&c) })) } }
    }
    run { let c = counter(); f(c.clone()).await; g(c.clone()); reaches(&c, 2).await }
}

shape! {
    in_arms_of_a_match_used_as_a_statement: unwind group => {
        item {
            pub async fn f(rx: &mut tokio::sync::mpsc::Receiver<Option<u8>>, c: &Arc<AtomicUsize>) {
                while let Some(m) = rx.recv().await {
                    match m {
                        Some(n) => {
                            let c = c.clone();
                            tokio::spawn(async move {
                                for _ in 0..n {
                                    tick(&c)
                                }
                            });
                        }
                        None => break,
                    }
                }
            }
        }
    }
    run {
        let c = counter();
        let (tx, mut rx) = tokio::sync::mpsc::channel(4);
        for m in [Some(1), Some(2), None] {
            tx.send(m).await.unwrap();
        }
        f(&mut rx, &c).await;
        reaches(&c, 3).await
    }
}

shape! {
    errors_that_nobody_takes: unwind recover isolate => {
        own { #[derive(Debug)] pub struct Odd; pub struct Opaque; }
        item {
            #[allow(clippy::let_underscore_future)]
            pub async fn f(c: Arc<AtomicUsize>) -> Result<(), Failure> {
                let (c1, c2, c3, c4, c5) = (c.clone(), c.clone(), c.clone(), c.clone(), c.clone());
                tokio::spawn(async move {
                    tick(&c1);
                    Err::<u8, _>("x".parse::<u8>().unwrap_err())
                });
                tokio::spawn(async move {
                    tick(&c2);
                    Err::<(), _>(Odd)
                });
                tokio::spawn(async move {
                    tick(&c3);
                    Err::<(), _>(Opaque)
                });
                let _ = tokio::spawn(async move {
                    tick(&c4);
                    Ok::<(), std::convert::Infallible>(())
                });
                tokio::spawn(async move {
                    tick(&c5);
                    let n: u8 = "1".parse()?;
                    tick(&c5);
                    Ok::<u8, BoxError>(n)
                });
                Ok(())
            }
        }
    }
    run { let c = counter(); f(c.clone()).await.unwrap(); reaches(&c, 6).await }
}

shape! {
    errors_that_the_function_takes: unwind recover group => {
        item {
            pub async fn f(c: Arc<AtomicUsize>) -> Result<(), Failure> {
                let (c1, c2, c3) = (c.clone(), c.clone(), c.clone());
                tokio::spawn(async move {
                    tick(&c1);
                    "1".parse::<u8>()
                });
                tokio::spawn(async move {
                    tick(&c2);
                    std::io::Result::Ok(())
                });
                tokio::spawn(async move {
                    let x: u8 = "3".parse()?;
                    tick(&c3);
                    Ok::<_, Failure>(x)
                });
                Ok(())
            }
        }
        item {
            pub async fn g(c: Arc<AtomicUsize>) -> Result<u8, BoxError> {
                tokio::spawn(async move {
                    tick(&c);
                    std::str::from_utf8(b"x").map(|_| ())
                });
                let _ = tokio::spawn(async { Ok::<_, BoxError>(()) });
                Ok(1)
            }
        }
    }
    run {
        let c = counter();
        f(c.clone()).await.unwrap();
        let g = g(c.clone()).await.unwrap();
        (g, reaches(&c, 4).await)
    }
}

shape! {
    tasks_that_never_return: unwind isolate group => {
        item {
            pub async fn f(rx: tokio::sync::watch::Receiver<bool>, c: Arc<AtomicUsize>) {
                let mut own = rx.clone();
                let count = c.clone();
                let h = tokio::spawn(async move {
                    loop {
                        tick(&count);
                        if own.changed().await.is_err() {
                            std::future::pending::<()>().await
                        }
                    }
                });
                pause().await;
                h.abort();
                tokio::spawn(async move {
                    while !*rx.borrow() {
                        pause().await;
                    }
                    tick(&c);
                });
            }
        }
    }
    run {
        let c = counter();
        let (tx, rx) = tokio::sync::watch::channel(true);
        f(rx, c.clone()).await;
        drop(tx);
        reaches(&c, 2).await
    }
}

shape! {
    endless_literals_keep_inferring: unwind => {
        item {
            pub async fn f(c: Arc<AtomicUsize>) {
                let (c1, c2, c3) = (c.clone(), c.clone(), c.clone());
                tokio::spawn(async move {
                    loop {
                        tick(&c1);
                        std::future::pending::<()>().await;
                    }
                });
                tokio::spawn(async move {
                    tick(&c2);
                    std::future::pending::<std::convert::Infallible>().await;
                });
                std::thread::spawn(move || {
                    tick(&c3);
                    if c3.load(Ordering::SeqCst) == 1_000_000 {
                        loop {
                            std::thread::park();
                        }
                    }
                });
                tokio::spawn(async move {
                    tick(&c);
                    return;
                });
            }
        }
    }
    run { let c = counter(); f(c.clone()).await; reaches(&c, 4).await }
}
