//! Closures, async blocks, items and values in a body.

use crate::support::*;

shape! {
    nested_closures: unwind or group => {
        item {
            pub async fn f(v: Vec<u8>) -> u8 {
                let add = |x: u8| move |y: u8| x + y;
                let mut count = 0;
                let mut bump = || {
                    count += 1;
                    count
                };
                bump();
                bump();
                let owned = v.clone();
                let total = v.iter().map(|x| add(*x)(1)).fold(0, |a, b| {
                    if b > 250 {
                        return a;
                    }
                    a + b
                });
                let gone = move || owned.into_iter().map(u32::from).sum::<u32>();
                total + count + u8::try_from(gone()).unwrap()
            }
        }
    }
    run { f(vec![1, 2]).await }
}

shape! {
    async_closures: unwind or group => {
        item {
            pub async fn f(x: u8) -> u8 {
                let by_ref = async |y: u8| {
                    pause().await;
                    x + y
                };
                let moved = async move |y: u8| -> u8 { tokio::spawn(async move { y }).await.unwrap() + x };
                by_ref(1).await + moved(2).await
            }
        }
    }
    run { f(1).await }
}

shape! {
    nested_async_blocks: unwind recover group => {
        item {
            pub async fn f(x: &str) -> Result<u8, Failure> {
                let outer = async {
                    let inner = async { x.parse::<u8>() };
                    pause().await;
                    let n = inner.await?;
                    Ok::<_, Failure>(n)
                };
                let twice = async move { async move { x.len() }.await };
                Ok(outer.await? + u8::try_from(twice.await).unwrap_or(0))
            }
        }
    }
    run { (f("1").await, f("x").await) }
}

shape! {
    block_whose_return_is_not_ours: unwind or group => {
        item {
            pub async fn f(x: u8) -> String {
                let n = async {
                    if x == 0 {
                        return 1_u64;
                    }
                    2
                }
                .await;
                let m = (|| {
                    if x == 0 {
                        return 3_i8;
                    }
                    4
                })();
                format!("{n}{m}")
            }
        }
    }
    run { (f(0).await, f(1).await) }
}

shape! {
    shadowed_arguments: unwind or group => {
        item {
            pub async fn f(x: u8, y: u8) -> String {
                let x = x + 1;
                let y = {
                    let x = y;
                    x * 2
                };
                let x = format!("{x}");
                {
                    let x = 0;
                    let _ = x;
                }
                x + &y.to_string()
            }
        }
    }
    run { f(1, 2).await }
}

shape! {
    items_in_a_body: unwind or group => {
        item {
            pub async fn f(x: u8) -> u8 {
                const N: u8 = 2;
                static S: AtomicUsize = AtomicUsize::new(1);
                use std::collections::BTreeMap as Map;
                #[derive(Clone)]
                struct Local {
                    y: u8,
                }
                impl Local {
                    async fn g(self) -> u8 {
                        self.y
                    }
                }
                enum E {
                    A,
                }
                fn helper(x: u8) -> u8 {
                    x + N
                }
                async fn spawning(x: u8) -> u8 {
                    tokio::spawn(async move { x }).await.unwrap()
                }
                macro_rules! twice {
                    ($e:expr) => {
                        $e + $e
                    };
                }
                let m: Map<u8, E> = [(1, E::A)].into();
                helper(x)
                    + Local { y: twice!(x) }.g().await
                    + spawning(1).await
                    + u8::try_from(m.len() + S.load(Ordering::SeqCst)).unwrap()
            }
        }
    }
    run { f(1).await }
}

shape! {
    recursion_through_a_box: unwind recover group => {
        item {
            pub async fn f(x: u8) -> Result<u8, Failure> {
                if x == 0 {
                    return Ok(0);
                }
                Ok(Box::pin(f(x - 1)).await? + x)
            }
        }
        item {
            pub fn g(x: u8) -> Pin<Box<dyn Future<Output = Result<u8, Failure>> + Send>> {
                Box::pin(async move {
                    if x == 0 {
                        return Ok(0);
                    }
                    Ok(tokio::spawn(g(x - 1)).await?? + x)
                })
            }
        }
    }
    run { (sendable(f(5)).await, g(5).await) }
}

shape! {
    mutable_borrows_across_awaits: unwind or group => {
        item {
            pub async fn f(v: &mut Vec<u8>, m: &tokio::sync::Mutex<u8>) -> u8 {
                let mut guard = m.lock().await;
                let last = v.last_mut().unwrap();
                *last += 1;
                pause().await;
                *guard += *last;
                drop(guard);
                v.push(0);
                v.len() as u8
            }
        }
    }
    run {
        let mut v = vec![1];
        let m = tokio::sync::Mutex::new(0);
        (sendable(f(&mut v, &m)).await, v, m.into_inner())
    }
}

shape! {
    future_that_is_not_send: unwind or group => {
        item {
            pub async fn f(x: std::rc::Rc<u8>) -> u8 {
                let cell = std::cell::RefCell::new(*x);
                let b = cell.borrow_mut();
                pause().await;
                *b
            }
        }
    }
    run { f(std::rc::Rc::new(1)).await }
}

shape! {
    values_that_coerce_to_the_return_type: unwind recover group => {
        item {
            pub async fn f(
                x: u8,
            ) -> Result<Box<dyn Display>, Box<dyn std::error::Error + Send + Sync + 'static>> {
                if x == 0 {
                    return Ok(Box::new("zero"));
                }
                if x == 1 {
                    return Err(Box::new(Failure("one".into())));
                }
                Ok(Box::new(x))
            }
        }
        item {
            pub async fn g(x: &[u8; 2]) -> Result<&[u8], BoxError> {
                if x[0] == 0 {
                    return Ok(&x[..1]);
                }
                Ok(x)
            }
        }
    }
    run {
        (
            f(0).await.unwrap().to_string(),
            f(1).await.map(|x| x.to_string()).map_err(|e| e.to_string()),
            f(2).await.unwrap().to_string(),
            g(&[1, 2]).await.unwrap().to_vec(),
        )
    }
}

shape! {
    coerced_without_a_result: unwind group => {
        item { pub async fn f(x: &'static [u8; 2]) -> &'static [u8] { x } }
        item {
            pub async fn g(x: u8) -> Box<dyn Fn(u8) -> u8 + Send> {
                if x == 0 { Box::new(|y| y) } else { Box::new(move |y| y + x) }
            }
        }
        item {
            pub async fn h(x: u8) -> Option<Box<dyn Debug + Send>> {
                match x {
                    0 => None,
                    1 => Some(Box::new("one")),
                    _ => Some(Box::new(x)),
                }
            }
        }
        item { pub async fn i() -> fn(u8) -> u8 { |x| x + 1 } }
    }
    run {
        (
            f(&[1, 2]).await,
            g(0).await(1),
            g(2).await(1),
            format!("{:?}{:?}", h(1).await, h(2).await),
            i().await(1),
        )
    }
}

shape! {
    inferred_from_the_return_type: unwind recover group => {
        item {
            pub async fn f(x: &str) -> Result<Vec<u16>, Failure> {
                let v = x.split(',').map(|p| p.parse().map_err(Into::into)).collect::<Result<_, Failure>>();
                pause().await;
                v
            }
        }
        item {
            pub async fn g(x: u8) -> Result<std::collections::HashMap<u8, String>, Failure> {
                Ok(std::iter::once((x, x.to_string())).collect())
            }
        }
        item { pub async fn h() -> Result<u64, Failure> { Ok(Default::default()) } }
    }
    run { (f("1,2").await, g(1).await, h().await) }
}

shape! {
    destructors_run_in_order: unwind or group => {
        own {
            pub struct D<'a>(pub u8, pub &'a Mutex<Vec<u8>>);
            impl Drop for D<'_> {
                fn drop(&mut self) {
                    self.1.lock().unwrap().push(self.0);
                }
            }
        }
        item {
            pub async fn f<'a>(_a: D<'a>, b: D<'a>, _: D<'a>, log: &'a Mutex<Vec<u8>>) -> u8 {
                let _c = D(4, log);
                let _ = D(5, log);
                pause().await;
                drop(b);
                log.lock().unwrap().len() as u8
            }
        }
    }
    run {
        let log = Mutex::new(vec![]);
        let n = f(D(1, &log), D(2, &log), D(3, &log), &log).await;
        (n, log.into_inner().unwrap())
    }
}

shape! {
    empty_and_unit_bodies: unwind recover group => {
        item { pub async fn f() {} }
        item { pub async fn g() -> () { () } }
        item { pub async fn h() { ; ; } }
        item { #[allow(clippy::unused_unit)] pub async fn i() -> () { pause().await } }
        item { pub async fn j() { { { pause().await; } } } }
    }
    run { (f().await, g().await, h().await, i().await, j().await) }
}
