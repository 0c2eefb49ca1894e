//! Methods called `spawn` whose receivers move, borrow or come from elsewhere, and names that hide ours.

use crate::support::*;

shape! {
    receivers_that_consume: unwind group => {
        own {
            pub struct Once(pub String);
            impl Once {
                pub fn spawn(self, x: u8) -> String {
                    format!("{}{x}", self.0)
                }
            }
            pub struct Holder {
                pub once: Once,
                pub other: String,
            }
            #[derive(Clone, Copy)]
            pub struct Cheap;
            impl Cheap {
                pub fn spawn<F: Future>(self, f: F) -> F {
                    f
                }
            }
        }
        item {
            pub async fn f(h: Holder, o: Once) -> (String, String, String, u8) {
                let x = 1;
                let a = h.once.spawn(x);
                let b = o.spawn(2);
                let cheap = Cheap;
                let c = async { 3 };
                let d = cheap.spawn(c);
                (a, b, h.other, d.await + cheap.spawn(async { 4 }).await)
            }
        }
    }
    run { f(Holder { once: Once("a".into()), other: "o".into() }, Once("b".into())).await }
}

shape! {
    receivers_reached_by_mutable_deref: unwind group => {
        own {
            pub struct P {
                pub list: Vec<u8>,
            }
            impl P {
                pub fn spawn(&mut self, x: u8) -> &mut Self {
                    self.list.push(x);
                    self
                }
            }
            pub struct Q(pub P);
            impl std::ops::Deref for Q {
                type Target = P;
                fn deref(&self) -> &P {
                    &self.0
                }
            }
            impl std::ops::DerefMut for Q {
                fn deref_mut(&mut self) -> &mut P {
                    &mut self.0
                }
            }
        }
        item {
            pub async fn f(mut p: P, q: &mut Q, m: &Mutex<P>) -> Vec<u8> {
                let x = 1;
                p.spawn(x).spawn(2);
                q.spawn(x);
                let y = &mut q.0;
                y.spawn(x);
                m.lock().unwrap().spawn(x);
                let mut g = m.lock().unwrap();
                g.spawn(x);
                p.list.extend(&q.list);
                p.list.extend(&g.list);
                p.list
            }
        }
    }
    run { f(P { list: vec![] }, &mut Q(P { list: vec![] }), &Mutex::new(P { list: vec![] })).await }
}

shape! {
    a_scope_of_threads: unwind group => {
        item {
            pub async fn f(v: Vec<u8>) -> u8 {
                std::thread::scope(|s| {
                    let a = s.spawn(|| v.iter().sum::<u8>());
                    let b = s.spawn(|| v.len());
                    let job = || 1_u8;
                    s.spawn(job);
                    a.join().unwrap() + b.join().unwrap() as u8
                })
            }
        }
        plain {
            pub fn g(v: &mut [u8]) {
                std::thread::scope(|scope| {
                    for x in v.iter_mut() {
                        scope.spawn(move || *x += 1);
                    }
                });
            }
        }
    }
    run { let mut v = [1, 2]; g(&mut v); (f(vec![1, 2]).await, v) }
}

shape! {
    handles_of_a_runtime: unwind group => {
        item {
            pub async fn f(handle: tokio::runtime::Handle, c: Arc<AtomicUsize>) -> (u8, &'static str) {
                let h = handle.spawn(async { 1 });
                let k = kind(&h);
                let d = c.clone();
                let fut = async move { tick(&d) };
                handle.spawn(fut);
                handle.spawn_blocking(move || tick(&c));
                let b = handle.spawn_blocking(|| 2);
                (h.await.unwrap() + b.await.unwrap(), k)
            }
        }
        item {
            pub async fn g(set: &tokio::task::LocalSet) -> u8 {
                let h = set.spawn_local(async { 3 });
                let fut = async { 4 };
                let i = set.spawn_local(fut);
                set.run_until(async { h.await.unwrap() + i.await.unwrap() }).await
            }
        }
    }
    run {
        let c = counter();
        let x = f(tokio::runtime::Handle::current(), c.clone()).await;
        (x, reaches(&c, 2).await, g(&tokio::task::LocalSet::new()).await)
    }
}

shape! {
    locals_and_fields_called_spawn: unwind or group => {
        own { pub struct S { pub spawn: fn(u8) -> u8 } }
        item {
            pub async fn f(s: S, spawn_local: u8) -> u8 {
                let spawn = |x: u8| x + 1;
                spawn(0);
                let r = spawn(1) + (s.spawn)(2);
                let spawn = r;
                spawn + spawn_local
            }
        }
        item { pub async fn g(spawn: impl Fn(u8) -> u8) -> u8 { spawn(7); spawn(1) } }
    }
    run { (f(S { spawn: |x| x }, 3).await, g(|x| x).await) }
}

shape! {
    a_local_item_hides_an_import: unwind group => {
        item {
            pub async fn f() -> (u8, &'static str) {
                use tokio::task;
                let h = task::spawn(async { 1 });
                let k = kind(&h);
                let x = {
                    mod task {
                        pub fn spawn(x: u8) -> u8 {
                            x
                        }
                    }
                    task::spawn(2);
                    task::spawn(3)
                };
                fn spawn(x: u8) -> u8 {
                    x
                }
                spawn(4);
                (x + h.await.unwrap() + spawn(5), k)
            }
        }
    }
    run { f().await }
}

shape! {
    a_glob_import_that_defines_spawn: unwind group => {
        own {
            pub mod prelude {
                pub fn spawn(x: u8) -> u8 {
                    x
                }
                pub fn spawn_blocking(x: u8) -> u8 {
                    x
                }
                pub mod task {
                    pub fn spawn(x: u8) -> u8 {
                        x + 1
                    }
                }
            }
            use prelude::*;
        }
        item {
            pub async fn f() -> u8 {
                use std::collections::*;
                spawn(1);
                spawn(1) + spawn_blocking(2) + task::spawn(3)
            }
        }
    }
    run { f().await }
}
