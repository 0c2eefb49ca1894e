//! What a failing function returns: errors that are not `Send`, that borrow, that are generic, and other `?` types.

use crate::support::*;

shape! {
    an_error_that_is_not_sendable: unwind recover group => {
        item {
            pub async fn f(x: &str) -> Result<u8, Box<dyn std::error::Error>> {
                tokio::spawn(async { "1".parse::<u8>() });
                let n: u8 = x.parse()?;
                if n == 0 {
                    return Err("zero".into());
                }
                Ok(n)
            }
        }
    }
    run {
        (
            f("1").await.map_err(|e| e.to_string()),
            f("0").await.map_err(|e| e.to_string()),
            f("x").await.map_err(|e| e.to_string()),
        )
    }
}

shape! {
    an_error_that_borrows: unwind group => {
        own {
            #[derive(Debug, PartialEq, Clone)]
            pub struct Bad<'a>(pub &'a str, pub String);
            impl From<std::num::ParseIntError> for Bad<'_> {
                fn from(e: std::num::ParseIntError) -> Self {
                    Bad("parse", e.to_string())
                }
            }
        }
        item {
            pub async fn f<'a>(x: &'a str) -> Result<usize, &'a str> {
                tokio::spawn(pause());
                x.parse::<u8>().map(usize::from).map_err(|_| x)
            }
        }
        item {
            pub async fn g<'a>(x: &'a str) -> Result<u8, Bad<'a>> {
                tokio::spawn(async { "1".parse::<u8>() });
                if x.is_empty() {
                    return Err(Bad(x, String::new()));
                }
                Ok(x.parse()?)
            }
        }
        item {
            pub async fn h(x: &str) -> Result<u8, Bad<'_>> {
                let _ = tokio::spawn(async { "1".parse::<u8>() });
                pause().await;
                Ok(x.parse()?)
            }
        }
    }
    run {
        let s = String::from("x");
        let g = g(&s).await.map_err(|e| format!("{e:?}"));
        (f(&s).await.map_err(str::len), g, h("1").await.map_err(|e| e.1))
    }
}

shape! {
    a_generic_error: unwind group => {
        item {
            pub async fn f<E>(x: &str) -> Result<u8, E>
            where
                E: From<std::num::ParseIntError> + From<String>,
            {
                tokio::spawn(async { "1".parse::<u8>() });
                let n: u8 = x.parse()?;
                if n == 0 {
                    Err(String::from("zero"))?;
                }
                Ok(n)
            }
        }
        item {
            pub async fn g<T: std::str::FromStr>(x: &str) -> Result<T, T::Err> {
                tokio::spawn(pause());
                x.parse()
            }
        }
    }
    run {
        (
            f::<BoxError>("1").await.unwrap(),
            f::<BoxError>("0").await.unwrap_err().to_string(),
            g::<u8>("2").await,
        )
    }
}

shape! {
    an_error_of_an_associated_type: unwind group => {
        own {
            pub trait Source {
                type Error: From<std::num::ParseIntError> + Debug;
                #[allow(async_fn_in_trait)]
                async fn read(&self, x: &str) -> Result<u8, Self::Error>;
            }
            pub struct S;
            pub type Res<T, E = Failure> = std::result::Result<T, E>;
        }
        methods (impl Source for S) {
            [ type Error = Failure; ]
            {
                async fn read(&self, x: &str) -> Result<u8, <Self as Source>::Error> {
                    tokio::spawn(async { "1".parse::<u8>() });
                    Ok(x.parse()?)
                }
            }
        }
        item {
            pub async fn f<T: Source>(x: &T) -> Res<u8, T::Error> {
                let _ = tokio::spawn(async { "1".parse::<u8>() });
                x.read("2").await
            }
        }
        item {
            pub async fn g<T: Source>(x: &T) -> Res<u8> {
                tokio::spawn(async { "1".parse::<u8>() });
                x.read("3").await.map_err(|e| Failure(format!("{e:?}")))
            }
        }
    }
    run { (S.read("1").await, f(&S).await, g(&S).await) }
}

shape! {
    an_opaque_error: unwind group => {
        item {
            pub async fn f(x: &str) -> Result<u8, impl Debug + use<>> {
                tokio::spawn(pause());
                x.parse::<u8>()
            }
        }
        item {
            pub async fn g(x: u8) -> Result<impl Display, Failure> {
                tokio::spawn(async { "1".parse::<u8>() });
                if x == 0 {
                    return Err(Failure("zero".into()));
                }
                Ok(x)
            }
        }
    }
    run { (f("1").await.unwrap(), g(0).await.map(|x| x.to_string()), g(1).await.map(|x| x.to_string())) }
}

shape! {
    an_error_that_cannot_happen: unwind group => {
        item {
            pub async fn f() -> Result<u8, std::convert::Infallible> {
                tokio::spawn(async { Ok::<u8, std::convert::Infallible>(1) });
                Ok(1)
            }
        }
    }
    run { f().await }
}

shape! {
    control_flow: unwind group => {
        own {
            use std::ops::ControlFlow;
            pub fn step(x: u8) -> ControlFlow<u8, u16> {
                if x > 2 { ControlFlow::Break(x) } else { ControlFlow::Continue(u16::from(x)) }
            }
        }
        item {
            pub async fn f(x: u8) -> ControlFlow<u8, String> {
                tokio::spawn(pause());
                let n = step(x)?;
                pause().await;
                step(x + 1)?;
                ControlFlow::Continue(n.to_string())
            }
        }
    }
    run { (f(1).await, f(2).await, f(3).await) }
}

shape! {
    a_poll_of_a_result: unwind group => {
        own { pub use std::task::Poll; }
        item {
            pub async fn f(x: Poll<Result<u8, std::num::ParseIntError>>) -> Poll<Result<u8, Failure>> {
                tokio::spawn(pause());
                let n: Poll<u8> = x?;
                n.map(Ok)
            }
        }
        item {
            pub async fn g(x: Option<Result<u8, std::num::ParseIntError>>) -> Result<Option<u8>, Failure> {
                tokio::spawn(async { "1".parse::<u8>() });
                Ok(x.transpose()?)
            }
        }
    }
    run {
        (
            f(Poll::Ready("1".parse())).await,
            f(Poll::Pending).await,
            f(Poll::Ready("x".parse())).await,
            g(Some("x".parse())).await,
            g(None).await,
        )
    }
}

shape! {
    a_type_named_result: unwind group => {
        own {
            #[derive(Debug, PartialEq)]
            pub struct Result<T>(pub T);
            pub mod io {
                pub type Result<T> = std::result::Result<T, super::Failure>;
            }
        }
        item { pub async fn f() -> Result<u8> { tokio::spawn(pause()); Result(1) } }
        item {
            pub async fn g() -> io::Result<u8> {
                tokio::spawn(async { "1".parse::<u8>() });
                Ok("2".parse()?)
            }
        }
    }
    run { (f().await.0, g().await) }
}

shape! {
    errors_inside_tasks_and_closures: unwind recover group => {
        item {
            pub async fn f(c: Arc<AtomicUsize>) -> Result<u8, Failure> {
                let d = c.clone();
                tokio::spawn(async move {
                    let n: u8 = "1".parse()?;
                    tick(&d);
                    if n == 2 {
                        return Err(Failure("two".into()));
                    }
                    std::io::Result::Ok(())?;
                    Ok(n)
                });
                let parse = |x: &str| -> Result<u8, std::num::ParseIntError> {
                    let n: u8 = x.parse()?;
                    Ok(n)
                };
                let later = async { Ok::<u8, std::num::ParseIntError>("3".parse::<u8>()?) };
                tokio::task::spawn_blocking(move || {
                    let n: u8 = "1".parse()?;
                    tick(&c);
                    Ok::<_, std::num::ParseIntError>(n)
                });
                Ok(parse("2")? + later.await?)
            }
        }
    }
    run { let c = counter(); (f(c.clone()).await, reaches(&c, 2).await) }
}

shape! {
    an_error_of_a_task_that_has_no_borrow_in_it: unwind group => {
        own {
            #[derive(Debug)]
            pub struct Bad<'a>(pub &'a str);
            pub async fn probe() -> Result<(), Bad<'static>> {
                Ok(())
            }
            pub struct Page<'a>(pub &'a str);
        }
        item {
            pub async fn f<'a>(x: &'a str) -> Result<(), Bad<'a>> {
                tokio::spawn(probe());
                Err(Bad(x))
            }
        }
        item {
            pub async fn g<'a>(x: &'a str) -> Result<usize, &'a str> {
                tokio::spawn(async { Ok::<(), &'static str>(()) });
                if x.is_empty() { Err(x) } else { Ok(x.len()) }
            }
        }
        item {
            pub async fn h<'a>(
                x: &'a str,
            ) -> Result<usize, Box<dyn std::error::Error + Send + Sync + 'a>> {
                tokio::spawn(async { Ok::<(), Box<dyn std::error::Error + Send + Sync>>(()) });
                Ok(x.len())
            }
        }
    }
    run {
        let s = String::from("x");
        (f(&s).await.map_err(|e| e.0.len()), g(&s).await.map_err(str::len), h(&s).await.is_ok())
    }
}
