//! Spawns whose handle is a value: in `let`, `match`, `if`, arguments, chains, macros. Their type stays.

use crate::support::*;
use tokio::task::JoinHandle;

shape! {
    every_path_spelled_in_full: unwind => {
        item {
            #[rustfmt::skip]
                                    pub async fn f() -> Vec<&'static str> {
                                        let a = tokio::spawn(async { 1_u8 });
                                        let b = ::tokio::spawn(async { 1_u16 });
                                        let c = tokio::task::spawn(async { "c" });
                                        let d = ::tokio::task::spawn_blocking(|| 'd');
                                        let e = tokio::task::spawn_local(async { std::rc::Rc::new(1) });
                                        let g = tokio::runtime::Handle::current().spawn(async { 1_i8 });
                                        let h = tokio::runtime::Handle::current().spawn_blocking(|| 1_i16);
                                        let i = std::thread::spawn(|| 1_i32);
                                        let j = ::std::thread::spawn(|| 1_i64);
                                        let kinds = [kind(&a), kind(&b), kind(&c), kind(&d), kind(&e), kind(&g), kind(&h)];
                                        kinds.into_iter().chain([kind(&i), kind(&j)]).collect()
                                    }
        }
    }
    run { f().await }
}

shape! {
    every_path_of_tokio_in_a_group: group isolate => {
        item {
            pub async fn f() -> Vec<&'static str> {
                let a = tokio::spawn(async { 1_u8 });
                let c = ::tokio::task::spawn(async { "c" });
                let d = tokio::task::spawn_blocking(|| 'd');
                let e = tokio::task::spawn_local(async { std::rc::Rc::new(1) });
                let g = tokio::runtime::Handle::current().spawn(async { 1_i8 });
                let i = std::thread::spawn(|| 1_i32);
                let kinds = vec![kind(&a), kind(&c), kind(&d), kind(&e), kind(&g), kind(&i)];
                let _ = (a.await, c.await, d.await, e.await, g.await, i.join());
                kinds
            }
        }
    }
    run { f().await }
}

shape! {
    imported_in_the_body: unwind group => {
        item {
            pub async fn f() -> Vec<&'static str> {
                use std::thread as threads;
                use tokio::{
                    spawn,
                    task::{self, JoinHandle as Handle, spawn_blocking as blocking},
                };
                let a: Handle<u8> = spawn(async { 1 });
                let b = task::spawn(async { "b" });
                let c = blocking(|| 'c');
                let d = threads::spawn(|| 1_i8);
                let kinds = vec![kind(&a), kind(&b), kind(&c), kind(&d)];
                let _ = (a.await, b.await, c.await, d.join());
                kinds
            }
        }
    }
    run { f().await }
}

shape! {
    imported_outside_the_body: unwind group => {
        own { use tokio::{spawn, task}; }
        item {
            pub async fn f() -> Vec<&'static str> {
                let a = spawn(async { 1 });
                let b = task::spawn(async { "b" });
                spawn(async {});
                let k = vec![kind(&a), kind(&b)];
                let _ = (a.await, b.await);
                k
            }
        }
    }
    run { f().await }
}

shape! {
    awaited_at_once: unwind recover group => {
        item {
            pub async fn f() -> Result<(u8, u8), Failure> {
                let a = tokio::spawn(async { 1 }).await?;
                let b = tokio::spawn(async { "2".parse::<u8>() }).await??;
                tokio::spawn(pause()).await?;
                Ok((a, b))
            }
        }
    }
    run { f().await }
}

shape! {
    in_a_let_with_a_type: unwind group => {
        item {
            pub async fn f() -> (u8, u8, u8, bool) {
                let a: JoinHandle<u8> = tokio::spawn(async { 1 });
                let b: tokio::task::JoinHandle<_> = tokio::spawn(async { 2 });
                let _c: JoinHandle<()> = tokio::spawn(async {});
                let (d, e) = (tokio::spawn(async { 3 }), tokio::spawn(async { 4 }));
                let mut f = tokio::spawn(async { 5_u8 });
                (
                    a.await.unwrap(),
                    b.await.unwrap() + (&mut f).await.unwrap(),
                    d.await.unwrap() + e.await.unwrap(),
                    f.is_finished() && _c.id() != f.id(),
                )
            }
        }
    }
    run { f().await }
}

shape! {
    in_match_and_if: unwind group => {
        item {
            pub async fn f(x: u8) -> (u8, &'static str) {
                let a = if x == 0 { tokio::spawn(async { 1 }) } else { tokio::spawn(async move { x }) };
                let b = match x {
                    0 => tokio::spawn(pause()),
                    1 => {
                        let y = ();
                        tokio::spawn(async move { y })
                    }
                    _ => return (9, ""),
                };
                let c = {
                    pause().await;
                    tokio::spawn(async { 4 })
                };
                let k = kind(&b);
                let d = match tokio::spawn(async { Some(1) }).await {
                    Ok(Some(x)) => x,
                    Ok(None) => 0,
                    Err(e) if e.is_panic() => 8,
                    Err(_) => 9,
                };
                let e = if let Ok(x) = tokio::spawn(async { 2 }).await { x } else { 0 };
                b.await.unwrap();
                (a.await.unwrap() + c.await.unwrap() + d + e, k)
            }
        }
    }
    run { (f(0).await, f(1).await, f(2).await) }
}

shape! {
    in_arguments_and_chains: unwind group => {
        own {
            pub async fn both<A, B>(a: JoinHandle<A>, b: JoinHandle<B>) -> (A, B) {
                (a.await.unwrap(), b.await.unwrap())
            }
        }
        item {
            pub async fn f() -> (u8, &'static str, bool, Option<u8>, usize) {
                use futures::{FutureExt, TryFutureExt};
                let (a, b) = both(tokio::spawn(async { 1 }), tokio::spawn(async { "b" })).await;
                let c = tokio::spawn(async { 3 }).map(|x| x.is_ok()).await;
                let d = tokio::spawn(async { 4 }).map_ok(|x| x + 1).unwrap_or_else(|_| 0).await;
                let e = [tokio::spawn(async {}), tokio::spawn(async {})].len();
                tokio::spawn(std::future::pending::<()>()).abort();
                let _abort = tokio::spawn(std::future::pending::<u8>()).abort_handle();
                _abort.abort();
                (a, b, c, Some(d), e)
            }
        }
    }
    run { f().await }
}

shape! {
    in_collections: unwind group => {
        item {
            pub async fn f(n: u8) -> u8 {
                let mut all = Vec::new();
                for x in 0..n {
                    all.push(tokio::spawn(async move { x }));
                }
                let mut map = std::collections::HashMap::<u8, JoinHandle<u8>>::new();
                for x in 0..n {
                    map.insert(x, tokio::spawn(async move { x }));
                }
                let mut unordered = futures::stream::FuturesUnordered::new();
                unordered.push(tokio::spawn(async { 1_u8 }));
                unordered.extend([tokio::spawn(async { 2_u8 })]);
                let mut total = 0;
                for h in all {
                    total += h.await.unwrap();
                }
                for (_, h) in map {
                    total += h.await.unwrap();
                }
                while let Some(x) = futures::StreamExt::next(&mut unordered).await {
                    total += x.unwrap();
                }
                total
            }
        }
    }
    run { f(4).await }
}

shape! {
    in_select: unwind group => {
        item {
            pub async fn f() -> (u8, u8) {
                let mut slow = tokio::spawn(std::future::pending::<u8>());
                let a = tokio::select! {
                    biased;
                    x = &mut slow => x.unwrap(),
                    x = tokio::spawn(async { 1 }) => x.unwrap(),
                    else => 9,
                };
                slow.abort();
                let (tx, mut rx) = tokio::sync::mpsc::channel::<u8>(1);
                let b = loop {
                    let tx = tx.clone();
                    tokio::select! {
                        Some(x) = rx.recv(), if a == 1 => { tokio::spawn(async {}); break x }
                        () = pause() => { tokio::spawn(async move { let _ = tx.send(2).await; }); }
                    }
                };
                (a, b)
            }
        }
    }
    run { f().await }
}

shape! {
    in_join_and_try_join: unwind recover group => {
        item {
            pub async fn f() -> Result<(u8, u8, u8, u8), Failure> {
                let (a, b) =
                    tokio::join!(tokio::spawn(async { 1 }), async { tokio::spawn(async { 2 }).await });
                let (c, d) = tokio::try_join!(tokio::spawn(async { 3 }), tokio::spawn(async { 4 }))?;
                let (_, ()) = futures::join!(tokio::spawn(async {}), pause());
                futures::try_join!(tokio::spawn(async {}), async { Ok(()) })?;
                Ok((a?, b?, c, d))
            }
        }
    }
    run { f().await }
}

shape! {
    in_formatting_and_assertions: unwind group => {
        item {
            pub async fn f() -> String {
                assert!(tokio::spawn(async { true }).await.unwrap(), "never {}", 1);
                assert_eq!(tokio::spawn(async { 1 }).await.unwrap(), 1);
                debug_assert_ne!(tokio::spawn(async { 1 }).await.unwrap(), 2);
                let v = vec![tokio::spawn(async { 1 }).await.unwrap(); 2];
                if matches!(tokio::spawn(async { Some(1) }).await, Ok(Some(1))) {
                    format!("{v:?}{x}", x = tokio::spawn(async { "x" }).await.unwrap())
                } else {
                    unreachable!("{v:?}")
                }
            }
        }
    }
    run { f().await }
}

shape! {
    in_foreign_macros_left_alone: unwind group => {
        own {
            macro_rules! text { ($($t:tt)*) => { stringify!($($t)*) }; }
            macro_rules! first {
                ($a:expr; $($t:tt)*) => {
                    $a
                };
            }
        }
        item {
            pub async fn f() -> (String, String, u8) {
                (
                    text!(tokio::spawn(async { 1 })).to_owned(),
                    stringify!(tokio::spawn(x); tokio :: spawn (y)).to_owned(),
                    first!(1; tokio::spawn(nothing at all)),
                )
            }
        }
    }
    run { f().await }
}

shape! {
    turbofish_and_generic_arguments: unwind group => {
        item {
            pub async fn f<T: Send + 'static + Default>() -> (T, u8, u8) {
                let a = tokio::spawn::<_>(async { T::default() });
                let b = tokio::task::spawn_blocking::<_, u8>(|| 2);
                let c = tokio::task::spawn_blocking::<fn() -> u8, _>(|| 3);
                (a.await.unwrap(), b.await.unwrap(), c.await.unwrap())
            }
        }
    }
    run { f::<String>().await }
}

shape! {
    function_as_a_value: unwind group => {
        item {
            pub async fn f() -> Vec<u8> {
                let go = tokio::spawn;
                let h: JoinHandle<u8> = go(futures::future::ready(1));
                let handles: Vec<_> =
                    [2_u8, 3].map(futures::future::ready).into_iter().map(tokio::spawn).collect();
                let mut v = vec![h.await.unwrap()];
                for h in handles {
                    v.push(h.await.unwrap());
                }
                v
            }
        }
    }
    run { f().await }
}

shape! {
    type_left_to_the_handle: unwind group => {
        item {
            pub async fn f() -> (Vec<u16>, Option<u8>, usize) {
                let a = tokio::spawn(async { Default::default() });
                let b = tokio::spawn(async { None });
                let c = tokio::task::spawn_blocking(|| Vec::new());
                let a: Vec<u16> = a.await.unwrap();
                let mut c = c.await.unwrap();
                c.push("x");
                (a, b.await.unwrap(), c.len())
            }
        }
    }
    run { f().await }
}

shape! {
    nested_spawns: unwind group => {
        item {
            pub async fn f() -> (u8, &'static str) {
                let h = tokio::spawn(async {
                    let inner = tokio::spawn(async {
                        let x = tokio::task::spawn_blocking(|| std::thread::spawn(|| 1).join().unwrap())
                            .await
                            .unwrap();
                        x
                    });
                    let k = kind(&inner);
                    (inner.await.unwrap(), k)
                });
                h.await.unwrap()
            }
        }
    }
    run { f().await }
}

shape! {
    in_headers_and_odd_places: unwind group => {
        own { pub struct S { pub h: JoinHandle<u8>, pub x: u8 } }
        item {
            pub async fn f(x: u8) -> u8 {
                let mut sum = 0;
                for h in [tokio::spawn(async { 1 }), tokio::spawn(async { 2 })] {
                    sum += h.await.unwrap();
                }
                while let Ok(n) = tokio::spawn(async move { x }).await {
                    sum += n;
                    break;
                }
                if tokio::spawn(async { true }).await.is_ok_and(|b| b)
                    && !tokio::spawn(async { false }).await.unwrap()
                {
                    sum += 1;
                }
                let Ok(n) = tokio::spawn(async { 3 }).await else { return 0 };
                let s = S { h: tokio::spawn(async { 4 }), x: tokio::spawn(async { 5 }).await.unwrap() };
                sum += [6, 7][tokio::spawn(async { 1_usize }).await.unwrap()];
                sum += tokio::spawn(async { 8_u32 }).await.unwrap() as u8;
                let h = loop {
                    if sum > 0 {
                        break tokio::spawn(async { 9 });
                    }
                };
                let t = tokio::spawn(async { (10, 11) }).await.unwrap().1;
                let r = &tokio::spawn(async { 12 }).await;
                #[allow(unused_unsafe, unsafe_code)]
                let u = unsafe { tokio::spawn(async { 13 }) };
                let k = move || -> JoinHandle<u8> {
                    return tokio::spawn(async move { x });
                };
                sum + n
                    + s.x
                    + s.h.await.unwrap()
                    + h.await.unwrap()
                    + t
                    + r.as_ref().unwrap()
                    + u.await.unwrap()
                    + k().await.unwrap()
            }
        }
    }
    run { f(1).await }
}

shape! {
    as_the_value_of_a_block: unwind group => {
        item {
            pub async fn f(x: u8) -> (u8, u8, u8) {
                let h = {
                    let y = x;
                    tokio::spawn(async move { y })
                };
                let g = unsafe_free(|| {
                    pause_now();
                    tokio::spawn(async { 2 })
                });
                let i = async { tokio::spawn(async { 3 }) }.await;
                (h.await.unwrap(), g.await.unwrap(), i.await.unwrap())
            }
        }
        own { pub fn unsafe_free<T>(f: impl FnOnce() -> T) -> T { f() } pub fn pause_now() {} }
    }
    run { f(1).await }
}
