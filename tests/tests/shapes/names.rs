//! Names that an expansion could trip over: shadowed crates, preludes, macros, and traits that fit every type.

use crate::support::*;

shape! {
    modules_called_like_our_crates: unwind recover group => {
        own {
            pub mod rejoin {
                pub struct PanicError;
                pub fn guarded() -> u8 {
                    1
                }
                pub mod __private {
                    pub fn spawn() {}
                }
            }
            pub mod core {
                pub fn concat() -> u8 {
                    2
                }
            }
            pub mod std {
                pub mod thread {
                    pub struct JoinHandle;
                }
                pub fn nothing() -> u8 {
                    3
                }
            }
            pub mod alloc {}
            pub mod tokio {
                pub use ::tokio::*;
                pub fn extra() -> u8 {
                    4
                }
            }
        }
        item {
            pub async fn f() -> Result<(u8, &'static str), Failure> {
                tokio::spawn(async {});
                let h = tokio::spawn(async { 1 });
                let k = kind(&h);
                Ok((h.await? + rejoin::guarded() + core::concat() + std::nothing() + tokio::extra(), k))
            }
        }
    }
    run { f().await }
}

shape! {
    preludes_redefined: unwind group => {
        own {
            pub struct Box;
            pub struct Vec;
            pub struct Option;
            pub enum Result {
                Ok(u8),
                Err,
            }
            pub struct String;
            pub struct Future;
            pub struct Send;
            pub struct Drop;
            pub struct Into;
            pub struct From;
            #[allow(non_snake_case)]
            pub fn Some(x: u8) -> u8 {
                x
            }
            #[allow(non_snake_case)]
            pub fn None() -> u8 {
                0
            }
            #[allow(non_snake_case)]
            pub fn Ok(x: u8) -> Result {
                Result::Ok(x)
            }
            #[allow(non_snake_case)]
            pub fn Err(_: u8) -> Result {
                Result::Err
            }
            pub trait FnOnce {}
            pub trait Fn {}
            pub trait Sized2 {}
            pub fn drop(x: u8) -> u8 {
                x
            }
        }
        item {
            pub async fn f() -> Result {
                tokio::spawn(async {});
                let mut set = tokio::task::JoinSet::new();
                set.spawn(pause());
                let h = tokio::spawn(async { 1 });
                let Result::Ok(x) = Ok(h.await.unwrap()) else { return Err(0) };
                drop(1);
                Ok(x + Some(1) + None())
            }
        }
    }
    run { matches!(f().await, Result::Ok(2)) }
}

shape! {
    macros_redefined: unwind group => {
        own {
            #[allow(unused_macros)]
            macro_rules! concat {
                ($($t:tt)*) => {
                    compile_error!("not this one")
                };
            }
            #[allow(unused_macros)]
            macro_rules! module_path {
                () => {
                    compile_error!("not this one")
                };
            }
            #[allow(unused_macros)]
            macro_rules! line {
                () => {
                    compile_error!("not this one")
                };
            }
            macro_rules! vec { ($($t:tt)*) => { [$($t)*] }; }
        }
        item {
            pub async fn f() -> [u8; 1] {
                tokio::spawn(async {});
                vec![tokio::spawn(async { 1 }).await.unwrap()]
            }
        }
    }
    run { f().await }
}

shape! {
    /// Such a trait answers every method call that a probe makes by name.
    traits_that_fit_every_type: unwind group => {
        own {
            pub trait Every {
                fn route<A>(&self, _: A) -> u8 {
                    1
                }
                fn shape(&self) -> u8 {
                    2
                }
                fn edge<A, B>(&self, _: A, _: B) -> u8 {
                    3
                }
                fn after<A>(&self, _: A) -> u8 {
                    4
                }
                fn guard(self) -> u8
                where
                    Self: Sized,
                {
                    5
                }
                fn await_(&self) -> u8 {
                    6
                }
            }
            impl<T: ?Sized> Every for T {}
        }
        item {
            pub async fn f(
                set: &mut tokio::task::JoinSet<u8>, t: &tokio_util::task::TaskTracker,
            ) -> Result<u8, Failure> {
                tokio::spawn(async { Ok::<(), std::num::ParseIntError>(()) });
                tokio::spawn(pause());
                set.spawn(std::future::ready(1));
                t.spawn(pause());
                Ok(tokio::spawn(async { 1 }).await? + 1.route(2) + "x".shape() + ().guard())
            }
        }
    }
    run { f(&mut tokio::task::JoinSet::new(), &tokio_util::task::TaskTracker::new()).await }
}

shape! {
    traits_with_the_names_of_constructors: unwind group => {
        own {
            pub trait New {
                fn new() -> u8 {
                    1
                }
                fn of(&self) -> u8 {
                    2
                }
                fn spawn(&self) -> u8 {
                    3
                }
                fn into_future(self) -> u8
                where
                    Self: Sized,
                {
                    4
                }
                fn poll(&self) -> u8 {
                    5
                }
            }
            impl<T> New for T {}
        }
        item {
            pub async fn f(set: &mut tokio::task::JoinSet<u8>) -> u8 {
                tokio::spawn(pause());
                set.spawn(std::future::ready(1));
                1.spawn() + <u8 as New>::new()
            }
        }
    }
    run { f(&mut tokio::task::JoinSet::new()).await }
}

shape! {
    a_glob_that_defines_everything: unwind recover group => {
        own {
            pub mod prelude {
                pub fn spawn(x: u8) -> u8 {
                    x
                }
                pub fn guard() -> u8 {
                    1
                }
                pub fn task_group() -> u8 {
                    1
                }
                pub fn place() -> u8 {
                    1
                }
                pub struct Site;
                pub struct Plain;
                pub struct Discarded;
                pub struct Receiver;
                pub struct Body;
                pub struct Options;
                pub struct PanicError;
                pub mod tasks {
                    pub fn spawn(x: u8) -> u8 {
                        x
                    }
                }
            }
        }
        item {
            pub async fn f() -> Result<u8, Failure> {
                use prelude::*;
                tokio::spawn(pause());
                let _ = (Site, Plain, Discarded, Receiver, Body, Options);
                Ok(tokio::spawn(async { 1 }).await?
                    + spawn(1)
                    + guard()
                    + task_group()
                    + place()
                    + tasks::spawn(1))
            }
        }
    }
    run { f().await }
}

shape! {
    generics_named_like_ours: unwind group => {
        item {
            #[allow(non_camel_case_types)]
            pub async fn f<F, T, R, B, tokio: Clone + Send + 'static, rejoin>(
                f: F, t: T, x: tokio, _: rejoin,
            ) -> (R, Option<B>)
            where
                F: FnOnce(T) -> R,
            {
                let y = x.clone();
                ::tokio::spawn(async move { std::mem::drop(y) });
                (f(t), None)
            }
        }
    }
    run { f::<_, _, _, u8, _, _>(|x: u8| x + 1, 1, "x", ()).await }
}

shape! {
    a_function_named_like_its_parts: unwind recover group => {
        item { pub async fn tokio() -> Result<(), Failure> { tokio::spawn(pause()).await?; Ok(()) } }
        item {
            pub async fn spawn(x: u8) -> Result<u8, Failure> {
                if x == 0 {
                    return Ok(0);
                }
                Box::pin(spawn(x - 1)).await
            }
        }
        item { pub async fn __private() {} }
    }
    run { (tokio().await, spawn(3).await, __private().await) }
}

shape! {
    constants_that_a_pattern_would_match: unwind group => {
        own {
            #[allow(non_upper_case_globals)]
            pub const future: u8 = 1;
            #[allow(non_upper_case_globals)]
            pub const route: u8 = 2;
            #[allow(non_upper_case_globals)]
            pub const panic: u8 = 6;
            #[allow(non_upper_case_globals)]
            pub const body: u8 = 7;
            #[allow(non_upper_case_globals)]
            pub const site: u8 = 8;
            #[allow(non_upper_case_globals)]
            pub const value: u8 = 9;
        }
        item {
            pub async fn f(set: &mut tokio::task::JoinSet<()>) -> Result<u8, Failure> {
                tokio::spawn(pause());
                set.spawn(pause());
                tokio::spawn(async { "1".parse::<u8>() });
                Ok(future + route + panic + body + site + value)
            }
        }
    }
    run { f(&mut tokio::task::JoinSet::new()).await }
}

shape! {
    use_declarations_in_inner_blocks: unwind group => {
        item {
            pub async fn f() -> u8 {
                fn spawn(x: u8) -> u8 {
                    x
                }
                let a = {
                    use tokio::task::spawn;
                    spawn(async { 1 }).await.unwrap()
                };
                let b = spawn(2);
                let c = {
                    use std::thread;
                    thread::spawn(|| 3).join().unwrap()
                };
                let d = async {
                    use tokio::task as t;
                    t::spawn(pause());
                    t::spawn(async { 4 }).await.unwrap()
                }
                .await;
                a + b + c + d
            }
        }
    }
    run { f().await }
}

shape! {
    a_module_named_tokio_in_the_body: unwind => {
        item {
            pub async fn f() -> u8 {
                mod tokio {
                    pub fn spawn(x: u8) -> u8 {
                        x
                    }
                    pub mod task {
                        pub fn spawn(x: u8) -> u8 {
                            x
                        }
                    }
                }
                tokio::spawn(1);
                tokio::spawn(1) + tokio::task::spawn(2)
            }
        }
    }
    run { f().await }
}
