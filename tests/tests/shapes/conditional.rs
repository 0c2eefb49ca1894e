//! `#[cfg]` on functions, parameters, statements, arms and fields; `cfg!`; `#[cfg_attr]`.

use crate::support::*;

shape! {
    on_parameters: unwind or group => {
        item {
            pub async fn f(
                #[cfg(test)] x: u8, #[cfg(not(test))] x: String, #[allow(unused_variables)] y: u8,
                #[cfg(any())] z: Missing,
            ) -> u8 {
                tokio::spawn(async move { x }).await.unwrap()
            }
        }
    }
    run { f(1, 2).await }
}

shape! {
    on_parameters_of_a_plain_function: unwind or => {
        item { pub fn f(#[cfg(any())] x: Missing, #[cfg(all())] x: u8) -> u8 { x } }
        own { pub struct S; }
        methods (impl S) {
            { pub fn g(&self, #[cfg(any())] x: Missing, #[cfg(all())] x: u8) -> u8 { x } }
        }
    }
    run { (f(1), S.g(2)) }
}

shape! {
    on_spawn_statements: unwind recover group limit => {
        item {
            pub async fn f(c: Arc<AtomicUsize>) {
                let d = c.clone();
                #[cfg(any())]
                tokio::spawn(missing(d));
                #[cfg(all())]
                tokio::spawn(async move { tick(&d) });
                #[cfg(any())]
                let h = missing::spawn();
                #[cfg(not(any()))]
                let h = tokio::spawn(async { 1 });
                #[cfg(all())]
                let _ = tokio::spawn(async move { tick(&c) });
                #[cfg(any())]
                {
                    tokio::spawn(missing());
                }
                #[cfg(any())]
                missing!(tokio::spawn(x));
                #[allow(clippy::let_underscore_must_use)]
                let _ = h.await;
            }
        }
    }
    run { let c = counter(); f(c.clone()).await; reaches(&c, 2).await }
}

shape! {
    on_the_tail: unwind or group => {
        item {
            pub async fn f(x: u8) -> u8 {
                tokio::spawn(pause());
                #[cfg(any())]
                {
                    missing(x)
                }
                #[cfg(all())]
                {
                    x + 1
                }
            }
        }
        item { pub async fn g(x: u8) -> u8 { #[cfg(any())] return missing; #[cfg(all())] return x; } }
        plain { pub fn h(x: u8) -> u8 { #[cfg(all())] { x } #[cfg(not(all()))] { missing } } }
    }
    run { (f(1).await, g(2).await, h(3)) }
}

shape! {
    on_a_unit_tail: unwind recover group => {
        item {
            pub async fn f(c: Arc<AtomicUsize>) {
                #[cfg(any())]
                {
                    missing().await
                }
                #[cfg(all())]
                {
                    tokio::spawn(async move { tick(&c) });
                }
            }
        }
    }
    run { let c = counter(); f(c.clone()).await; reaches(&c, 1).await }
}

shape! {
    on_the_tail_that_is_a_spawn: unwind => {
        item {
            pub fn f() -> tokio::task::JoinHandle<u8> {
                #[cfg(any())]
                {
                    missing()
                }
                #[cfg(all())]
                {
                    tokio::spawn(async { 1 })
                }
            }
        }
        item {
            pub async fn g(x: u8) -> tokio::task::JoinHandle<u8> {
                #[cfg(any())]
                return missing();
                #[cfg(all())]
                tokio::spawn(async move { x })
            }
        }
    }
    run { (f().await.unwrap(), g(2).await.await.unwrap()) }
}

shape! {
    on_arms_fields_and_elements: unwind or group => {
        own { #[derive(Default)] pub struct S { #[cfg(all())] pub a: u8, #[cfg(any())] pub b: Missing } }
        item {
            pub async fn f(x: u8) -> u8 {
                let s = S {
                    #[cfg(all())]
                    a: x,
                    #[cfg(any())]
                    b: tokio::spawn(missing()),
                };
                let S {
                    #[cfg(all())]
                    a,
                    #[cfg(any())]
                    b,
                } = s;
                let v = [
                    #[cfg(any())]
                    tokio::spawn(missing()),
                    #[cfg(all())]
                    tokio::spawn(async move { a }),
                ];
                let mut sum = v.len() as u8;
                for h in v {
                    sum += h.await.unwrap();
                }
                match x {
                    #[cfg(any())]
                    1 => missing(),
                    #[cfg(all())]
                    1 => {
                        tokio::spawn(pause());
                        sum
                    }
                    #[cfg(any())]
                    Missing => tokio::spawn(missing()),
                    _ => 0,
                }
            }
        }
    }
    run { f(1).await }
}

shape! {
    on_a_spawn_in_an_arm: unwind group => {
        item {
            pub async fn f(x: u8, c: Arc<AtomicUsize>) {
                match x {
                    #[cfg(any())]
                    0 => {
                        missing(tokio::spawn);
                    }
                    #[cfg(all())]
                    0 => {
                        tokio::spawn(async move { tick(&c) });
                    }
                    _ => {}
                }
                if cfg!(any()) {
                    tokio::spawn(pause());
                } else if cfg!(test) {
                    drop(tokio::spawn(pause()))
                }
            }
        }
    }
    run { let c = counter(); f(0, c.clone()).await; reaches(&c, 1).await }
}

shape! {
    attributes_on_the_function: unwind or group => {
        item {
            #[cfg(all())]
            #[cfg_attr(all(), allow(dead_code))]
            #[cfg_attr(any(), missing_attribute)]
            pub async fn f() -> u8 {
                1
            }
        }
        item { #[cfg(any())] pub async fn f() -> Missing { missing() } }
        plain { #[cfg_attr(any(), async_trait::async_trait)] pub fn g() -> u8 { 2 } }
    }
    run { (f().await, g()) }
}

shape! {
    methods_under_cfg: unwind group => {
        own { pub struct S; }
        methods (impl S) {
            { #[cfg(all())] pub async fn f(&self) -> u8 { tokio::spawn(async { 1 }).await.unwrap() } }
            { #[cfg(any())] pub async fn f(&self) -> Missing { tokio::spawn(missing()) } }
        }
    }
    run { S.f().await }
}

shape! {
    on_items_and_uses_in_the_body: unwind group => {
        item {
            pub async fn f() -> (u8, &'static str) {
                #[cfg(any())]
                use missing::spawn;
                #[cfg(all())]
                use tokio::spawn;
                #[cfg(any())]
                const X: Missing = missing;
                #[cfg(all())]
                const X: u8 = 1;
                #[cfg(any())]
                async fn inner() {
                    tokio::spawn(missing)
                }
                spawn(pause());
                let h = spawn(async { X });
                let k = kind(&h);
                (h.await.unwrap(), k)
            }
        }
    }
    run { f().await }
}

shape! {
    in_closures_and_chains: unwind group => {
        item {
            pub async fn f(v: Vec<u8>) -> u8 {
                let g = |x: u8| {
                    #[cfg(any())]
                    {
                        missing(x)
                    }
                    #[cfg(all())]
                    {
                        tokio::spawn(async move { x })
                    }
                };
                let mut sum = 0;
                for x in v {
                    sum += g(x).await.unwrap();
                    #[cfg(any())]
                    continue;
                    #[cfg(all())]
                    {
                        sum += 1;
                    }
                }
                sum
            }
        }
    }
    run { f(vec![1, 2]).await }
}
