//! False friends: calls that are named like spawns and are none. They stay as written, in type and in behaviour.

use crate::support::*;

shape! {
    a_module_called_task: unwind recover group => {
        own {
            pub mod task {
                pub fn spawn<T>(x: T) -> Vec<T> {
                    vec![x]
                }
                pub fn spawn_blocking(x: fn() -> u8) -> u8 {
                    x()
                }
            }
            pub fn spawn(x: &str) -> usize {
                x.len()
            }
            pub mod thread {
                pub fn spawn(x: u8) -> u8 {
                    x
                }
            }
        }
        item {
            pub async fn f() -> Result<(Vec<u8>, u8, usize, u8), Failure> {
                task::spawn(1);
                let _ = spawn("discarded");
                spawn("x");
                thread::spawn(3);
                Ok((task::spawn(1), task::spawn_blocking(|| 2), spawn("abc"), thread::spawn(4)))
            }
        }
    }
    run { f().await }
}

shape! {
    paths_that_are_not_tokio: unwind group => {
        own {
            pub mod runtime {
                pub mod task {
                    pub fn spawn(x: u8) -> u8 {
                        x
                    }
                }
                pub fn spawn(x: u8) -> u8 {
                    x + 1
                }
                pub struct Handle;
                impl Handle {
                    pub fn current() -> Self {
                        Self
                    }
                    pub fn spawn(&self, x: u8) -> u8 {
                        x + 2
                    }
                }
            }
            pub fn spawn_here(x: u8) -> u8 {
                x
            }
        }
        item {
            pub async fn f() -> [u8; 5] {
                use runtime::{Handle, spawn as go};
                self::runtime::spawn(0);
                [
                    runtime::spawn(1),
                    self::runtime::task::spawn(2),
                    go(3),
                    Handle::current().spawn(4),
                    spawn_here(5),
                ]
            }
        }
    }
    run { f().await }
}

shape! {
    associated_functions: unwind group => {
        own {
            pub struct Actor(pub u8);
            impl Actor {
                pub fn spawn(x: u8) -> Self {
                    Self(x)
                }
                pub fn spawn_blocking(f: impl Fn() -> u8) -> u8 {
                    f()
                }
            }
            pub trait Spawner {
                type Out;
                fn spawn(x: u8) -> Self::Out;
                fn spawn_local(self, x: u8) -> u8
                where
                    Self: Sized,
                {
                    x
                }
            }
            impl Spawner for u8 {
                type Out = String;
                fn spawn(x: u8) -> String {
                    x.to_string()
                }
            }
        }
        item {
            pub async fn f<T: Spawner>() -> (u8, T::Out, String, u8, u8) {
                Actor::spawn(0);
                T::spawn(0);
                (
                    Actor::spawn(1).0,
                    T::spawn(2),
                    <u8 as Spawner>::spawn(3),
                    Actor::spawn_blocking(|| 4),
                    Spawner::spawn_local(5_u8, 6),
                )
            }
        }
    }
    run { f::<u8>().await }
}

shape! {
    methods_of_other_types: unwind group => {
        own {
            pub struct Pool {
                pub count: std::cell::Cell<u8>,
            }
            impl Pool {
                pub fn spawn(&self, x: impl Into<u8>) -> u8 {
                    self.count.set(self.count.get() + x.into());
                    self.count.get()
                }
                pub fn spawn_blocking<R>(&self, f: impl FnOnce() -> R) -> R {
                    f()
                }
            }
            pub struct Holder {
                pub pool: Pool,
            }
        }
        item {
            pub async fn f(pool: &Pool, holder: Holder) -> (u8, u8, &'static str) {
                pool.spawn(1);
                holder.pool.spawn(2);
                let _ = pool.spawn(3);
                let x = 4;
                pool.spawn(x);
                (pool.spawn(5), holder.pool.spawn(6), pool.spawn_blocking(|| "r"))
            }
        }
    }
    run { f(&Pool { count: 0.into() }, Holder { pool: Pool { count: 0.into() } }).await }
}

shape! {
    builders_by_value: unwind recover group => {
        own {
            #[derive(Default)]
            pub struct Builder {
                name: Option<String>,
            }
            impl Builder {
                pub fn name(mut self, x: &str) -> Self {
                    self.name = Some(x.into());
                    self
                }
                pub fn spawn<F: FnOnce() -> R, R>(self, f: F) -> Result<(String, R), Failure> {
                    Ok((self.name.unwrap_or_default(), f()))
                }
                pub fn spawn_with(self, x: u8) -> u8 {
                    x
                }
            }
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
            #[derive(Default)]
            pub struct Exec {
                pub jobs: Vec<Job>,
                pub shown: Vec<Box<dyn Debug>>,
            }
            impl Exec {
                pub fn spawn(&mut self, job: Job) -> usize {
                    self.jobs.push(job);
                    self.jobs.len()
                }
                pub fn spawn_local(&mut self, x: Box<dyn Debug>) {
                    self.shown.push(x);
                }
                pub fn spawn_on(&mut self, _: &[u8], _: &dyn Display) -> u8 {
                    9
                }
            }
            pub trait Spawn {
                fn spawn(&self, x: &dyn Fn(u8) -> u8) -> u8;
            }
            impl Spawn for u8 {
                fn spawn(&self, x: &dyn Fn(u8) -> u8) -> u8 {
                    x(*self)
                }
            }
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
                for job in exec.jobs.drain(..) {
                    sum += job.await;
                }
                (sum + nine, exec.shown.len(), dynamic.spawn(&|x| x + 1))
            }
        }
        own { pub fn nine_str() -> String { "9".into() } }
    }
    run { f(&mut Exec::default(), &4_u8).await }
}

shape! {
    receivers_that_infer_from_the_argument: unwind group => {
        own {
            #[derive(Default)]
            pub struct Slot<T>(pub Option<T>);
            impl<T> Slot<T> {
                pub fn spawn(&mut self, x: T) -> &mut T {
                    self.0.insert(x)
                }
            }
            pub struct Into2;
            impl Into2 {
                pub fn spawn<T: Into<String>>(&self, x: T) -> String {
                    x.into()
                }
            }
        }
        item {
            pub async fn f() -> (u16, String, usize) {
                let mut slot = Slot(None);
                slot.spawn(1);
                let mut empty = Slot::<Vec<u8>>(None);
                empty.spawn(Vec::new()).push(1);
                let mut later = Slot(None);
                later.spawn(Default::default());
                let x: Option<u16> = later.0;
                let i = Into2;
                (x.unwrap() + slot.0.unwrap(), i.spawn("a"), empty.0.unwrap().len())
            }
        }
    }
    run { f().await }
}
