//! False friends: calls that are named like spawns and are none. They stay as written, in type and in behaviour.

use crate::support::*;

shape! {
    a_module_called_task: unwind recover group => {
        own { pub mod task { pub fn spawn<T>(x: T) -> Vec<T> { vec![x] } pub fn spawn_blocking(x: fn() -> u8) -> u8 { x() } } pub fn spawn(x: &str) -> usize { x.len() } pub mod thread { pub fn spawn(x: u8) -> u8 { x } } }
        item { pub async fn f() -> Result<(Vec<u8>, u8, usize, u8), Failure> { task::spawn(1); let _ = spawn("discarded"); spawn("x"); thread::spawn(3); Ok((task::spawn(1), task::spawn_blocking(|| 2), spawn("abc"), thread::spawn(4))) } }
    }
    run { f().await }
}

shape! {
    paths_that_are_not_tokio: unwind group => {
        own {
            pub mod runtime { pub mod task { pub fn spawn(x: u8) -> u8 { x } } pub fn spawn(x: u8) -> u8 { x + 1 } pub struct Handle; impl Handle { pub fn current() -> Self { Self } pub fn spawn(&self, x: u8) -> u8 { x + 2 } } }
            pub fn spawn_here(x: u8) -> u8 { x }
        }
        item { pub async fn f() -> [u8; 5] { use runtime::{Handle, spawn as go}; self::runtime::spawn(0); [runtime::spawn(1), self::runtime::task::spawn(2), go(3), Handle::current().spawn(4), spawn_here(5)] } }
    }
    run { f().await }
}

shape! {
    associated_functions: unwind group => {
        own {
            pub struct Actor(pub u8);
            impl Actor { pub fn spawn(x: u8) -> Self { Self(x) } pub fn spawn_blocking(f: impl Fn() -> u8) -> u8 { f() } }
            pub trait Spawner { type Out; fn spawn(x: u8) -> Self::Out; fn spawn_local(self, x: u8) -> u8 where Self: Sized { x } }
            impl Spawner for u8 { type Out = String; fn spawn(x: u8) -> String { x.to_string() } }
        }
        item { pub async fn f<T: Spawner>() -> (u8, T::Out, String, u8, u8) { Actor::spawn(0); T::spawn(0); (Actor::spawn(1).0, T::spawn(2), <u8 as Spawner>::spawn(3), Actor::spawn_blocking(|| 4), Spawner::spawn_local(5_u8, 6)) } }
    }
    run { f::<u8>().await }
}

shape! {
    methods_of_other_types: unwind group => {
        own {
            pub struct Pool { pub count: std::cell::Cell<u8> }
            impl Pool { pub fn spawn(&self, x: impl Into<u8>) -> u8 { self.count.set(self.count.get() + x.into()); self.count.get() } pub fn spawn_blocking<R>(&self, f: impl FnOnce() -> R) -> R { f() } }
            pub struct Holder { pub pool: Pool }
        }
        item { pub async fn f(pool: &Pool, holder: Holder) -> (u8, u8, &'static str) { pool.spawn(1); holder.pool.spawn(2); let _ = pool.spawn(3); let x = 4; pool.spawn(x); (pool.spawn(5), holder.pool.spawn(6), pool.spawn_blocking(|| "r")) } }
    }
    run { f(&Pool { count: 0.into() }, Holder { pool: Pool { count: 0.into() } }).await }
}

shape! {
    builders_by_value: unwind recover group => {
        own {
            #[derive(Default)] pub struct Builder { name: Option<String> }
            impl Builder { pub fn name(mut self, x: &str) -> Self { self.name = Some(x.into()); self } pub fn spawn<F: FnOnce() -> R, R>(self, f: F) -> Result<(String, R), Failure> { Ok((self.name.unwrap_or_default(), f())) } pub fn spawn_with(self, x: u8) -> u8 { x } }
        }
        item {
            pub async fn f() -> Result<(String, u8, u8, u8), Failure> {
                let builder = Builder::default().name("b");
                let (name, x) = builder.spawn(|| 1)?;
                let job = || 2;
                let b = Builder::default();
                let (_, y) = b.spawn(job)?;
                let handle = std::thread::Builder::new().name("t".into()).spawn(move || y)?;
                let named = std::thread::Builder::new();
                let other = named.spawn(job)?;
                Ok((name, x, handle.join().unwrap(), other.join().unwrap()))
            }
        }
    }
    run { f().await }
}

shape! {
    commands_and_calls_without_arguments: unwind recover group => {
        own { pub struct Game(pub u8); impl Game { pub fn spawn(&mut self) -> u8 { self.0 += 1; self.0 } } }
        item {
            pub async fn f(game: &mut Game) -> Result<(u8, bool, bool), Failure> {
                game.spawn();
                let mut child = std::process::Command::new("true").spawn()?;
                let mut command = tokio::process::Command::new("true");
                command.kill_on_drop(true);
                let ok = command.spawn()?.wait().await?.success();
                Ok((game.spawn(), child.wait()?.success(), ok))
            }
        }
    }
    run { f(&mut Game(0)).await }
}

shape! {
    arguments_that_must_coerce: unwind group => {
        own {
            pub type Job = Pin<Box<dyn Future<Output = u8> + Send>>;
            #[derive(Default)] pub struct Exec { pub jobs: Vec<Job>, pub shown: Vec<Box<dyn Debug>> }
            impl Exec { pub fn spawn(&mut self, job: Job) -> usize { self.jobs.push(job); self.jobs.len() } pub fn spawn_local(&mut self, x: Box<dyn Debug>) { self.shown.push(x); } pub fn spawn_on(&mut self, _: &[u8], _: &dyn Display) -> u8 { 9 } }
            pub trait Spawn { fn spawn(&self, x: &dyn Fn(u8) -> u8) -> u8; }
            impl Spawn for u8 { fn spawn(&self, x: &dyn Fn(u8) -> u8) -> u8 { x(*self) } }
        }
        item {
            pub async fn f(exec: &mut Exec, dynamic: &dyn Spawn) -> (u8, usize, u8) {
                exec.spawn(Box::pin(async { 1 }));
                let boxed = Box::pin(async { 2 });
                exec.spawn(boxed);
                let n = exec.spawn(Box::pin(std::future::ready(3)));
                exec.spawn_local(Box::new(n));
                let s = Box::new("s");
                exec.spawn_local(s);
                let nine = exec.spawn_on(&[1, 2], &nine_str());
                let mut sum = 0;
                for job in exec.jobs.drain(..) { sum += job.await; }
                (sum + nine, exec.shown.len(), dynamic.spawn(&|x| x + 1))
            }
        }
        own { pub fn nine_str() -> String { "9".into() } }
    }
    run { f(&mut Exec::default(), &4_u8).await }
}

shape! {
    receivers_that_infer_from_the_argument: unwind group => {
        own { #[derive(Default)] pub struct Slot<T>(pub Option<T>); impl<T> Slot<T> { pub fn spawn(&mut self, x: T) -> &mut T { self.0.insert(x) } } pub struct Into2; impl Into2 { pub fn spawn<T: Into<String>>(&self, x: T) -> String { x.into() } } }
        item { pub async fn f() -> (u16, String, usize) { let mut slot = Slot(None); slot.spawn(1); let mut empty = Slot::<Vec<u8>>(None); empty.spawn(Vec::new()).push(1); let mut later = Slot(None); later.spawn(Default::default()); let x: Option<u16> = later.0; let i = Into2; (x.unwrap() + slot.0.unwrap(), i.spawn("a"), empty.0.unwrap().len()) } }
    }
    run { f().await }
}

shape! {
    receivers_that_consume: unwind group => {
        own { pub struct Once(pub String); impl Once { pub fn spawn(self, x: u8) -> String { format!("{}{x}", self.0) } } pub struct Holder { pub once: Once, pub other: String } #[derive(Clone, Copy)] pub struct Cheap; impl Cheap { pub fn spawn<F: Future>(self, f: F) -> F { f } } }
        item { pub async fn f(h: Holder, o: Once) -> (String, String, String, u8) { let x = 1; let a = h.once.spawn(x); let b = o.spawn(2); let cheap = Cheap; let c = async { 3 }; let d = cheap.spawn(c); (a, b, h.other, d.await + cheap.spawn(async { 4 }).await) } }
    }
    run { f(Holder { once: Once("a".into()), other: "o".into() }, Once("b".into())).await }
}

shape! {
    receivers_reached_by_mutable_deref: unwind group => {
        own { pub struct P { pub list: Vec<u8> } impl P { pub fn spawn(&mut self, x: u8) -> &mut Self { self.list.push(x); self } } pub struct Q(pub P); impl std::ops::Deref for Q { type Target = P; fn deref(&self) -> &P { &self.0 } } impl std::ops::DerefMut for Q { fn deref_mut(&mut self) -> &mut P { &mut self.0 } } }
        item { pub async fn f(mut p: P, q: &mut Q, m: &Mutex<P>) -> Vec<u8> { let x = 1; p.spawn(x).spawn(2); q.spawn(x); let y = &mut q.0; y.spawn(x); m.lock().unwrap().spawn(x); let mut g = m.lock().unwrap(); g.spawn(x); p.list.extend(&q.list); p.list.extend(&g.list); p.list } }
    }
    run { f(P { list: vec![] }, &mut Q(P { list: vec![] }), &Mutex::new(P { list: vec![] })).await }
}

shape! {
    a_scope_of_threads: unwind group => {
        item { pub async fn f(v: Vec<u8>) -> u8 { std::thread::scope(|s| { let a = s.spawn(|| v.iter().sum::<u8>()); let b = s.spawn(|| v.len()); let job = || 1_u8; s.spawn(job); a.join().unwrap() + b.join().unwrap() as u8 }) } }
        item { pub fn g(v: &mut [u8]) { std::thread::scope(|scope| { for x in v.iter_mut() { scope.spawn(move || *x += 1); } }); } }
    }
    run { let mut v = [1, 2]; g(&mut v); (f(vec![1, 2]).await, v) }
}

shape! {
    handles_of_a_runtime: unwind group => {
        item { pub async fn f(handle: tokio::runtime::Handle, c: Arc<AtomicUsize>) -> (u8, &'static str) { let h = handle.spawn(async { 1 }); let k = kind(&h); let d = c.clone(); let fut = async move { tick(&d) }; handle.spawn(fut); handle.spawn_blocking(move || tick(&c)); let b = handle.spawn_blocking(|| 2); (h.await.unwrap() + b.await.unwrap(), k) } }
        item { pub async fn g(set: &tokio::task::LocalSet) -> u8 { let h = set.spawn_local(async { 3 }); let fut = async { 4 }; let i = set.spawn_local(fut); set.run_until(async { h.await.unwrap() + i.await.unwrap() }).await } }
    }
    run { let c = counter(); let x = f(tokio::runtime::Handle::current(), c.clone()).await; (x, reaches(&c, 2).await, g(&tokio::task::LocalSet::new()).await) }
}

shape! {
    locals_and_fields_called_spawn: unwind or group => {
        own { pub struct S { pub spawn: fn(u8) -> u8 } }
        item { pub async fn f(s: S, spawn_local: u8) -> u8 { let spawn = |x: u8| x + 1; spawn(0); let r = spawn(1) + (s.spawn)(2); let spawn = r; spawn + spawn_local } }
        item { pub async fn g(spawn: impl Fn(u8) -> u8) -> u8 { spawn(7); spawn(1) } }
    }
    run { (f(S { spawn: |x| x }, 3).await, g(|x| x).await) }
}

shape! {
    a_local_item_hides_an_import: unwind group => {
        item { pub async fn f() -> (u8, &'static str) { use tokio::task; let h = task::spawn(async { 1 }); let k = kind(&h); let x = { mod task { pub fn spawn(x: u8) -> u8 { x } } task::spawn(2); task::spawn(3) }; fn spawn(x: u8) -> u8 { x } spawn(4); (x + h.await.unwrap() + spawn(5), k) } }
    }
    run { f().await }
}

shape! {
    a_glob_import_that_defines_spawn: unwind group => {
        own { pub mod prelude { pub fn spawn(x: u8) -> u8 { x } pub fn spawn_blocking(x: u8) -> u8 { x } pub mod task { pub fn spawn(x: u8) -> u8 { x + 1 } } } use prelude::*; }
        item { pub async fn f() -> u8 { use std::collections::*; spawn(1); spawn(1) + spawn_blocking(2) + task::spawn(3) } }
    }
    run { f().await }
}
