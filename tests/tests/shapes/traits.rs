//! Methods of traits and of their impls, defaults, `async_trait`, and functions that return a future.

use crate::support::*;

shape! {
    methods_of_a_trait_impl: unwind or group => {
        own {
            #[allow(async_fn_in_trait)]
            pub trait T {
                async fn f(&self) -> u8;
                async fn g(self: Box<Self>, x: &str) -> usize;
                async fn h() -> u8;
            }
            pub struct S;
        }
        methods (impl T for S) {
            { async fn f(&self) -> u8 { tokio::spawn(async { 1 }).await.unwrap() } }
            { async fn g(self: Box<Self>, x: &str) -> usize { x.len() } }
            { async fn h() -> u8 { 3 } }
        }
    }
    run { (S.f().await, Box::new(S).g("ab").await, S::h().await) }
}

shape! {
    plain_methods_of_a_trait_impl: unwind or => {
        own { pub struct S(u8); pub fn make() -> S { S(1) } }
        methods (impl Iterator for S) {
            { #[inline] fn next(&mut self) -> Option<u8> { self.0 += 1; (self.0 < 5).then_some(self.0) } }
            [ type Item = u8; ]
            { fn size_hint(&self) -> (usize, Option<usize>) { (0, Some(5)) } }
        }
    }
    run { let s = make(); (s.size_hint(), s.collect::<Vec<_>>()) }
}

shape! {
    associated_types_in_an_impl: unwind group => {
        own {
            #[allow(async_fn_in_trait)]
            pub trait T {
                type Out;
                type Error: Debug;
                const N: u8;
                async fn f(&self) -> Result<Self::Out, Self::Error>;
            }
            pub struct S;
        }
        methods (impl T for S) {
            [ type Out = u8; type Error = std::num::ParseIntError; const N: u8 = 1; ]
            {
                async fn f(&self) -> Result<Self::Out, Self::Error> {
                    if Self::N == 1 {
                        return Ok(2);
                    }
                    Err("n".parse::<u8>().unwrap_err())
                }
            }
        }
    }
    run { S.f().await.unwrap() }
}

shape! {
    default_methods: unwind group => {
        own {
            pub struct S;
            impl T for S {}
            pub struct G<X>(pub X);
            impl<X: Sync> T for G<X> where X: Send {}
        }
        methods (#[allow(async_fn_in_trait)] pub trait T: Sync) {
            { async fn f(&self, x: u8) -> u8 { self.g(x).await + 1 } }
            {
                async fn g<U: Into<u8>>(&self, x: U) -> u8 {
                    let x = x.into();
                    tokio::spawn(async move { x }).await.unwrap()
                }
            }
            {
                async fn h(self) -> String
                where
                    Self: Sized,
                {
                    kind(&tokio::spawn(async { "h" })).to_owned()
                }
            }
        }
    }
    run { (S.f(1).await, G(1).g(2).await, S.h().await) }
}

shape! {
    plain_default_methods: unwind or => {
        own { pub struct S; impl T for S {} }
        methods (pub trait T) {
            { fn f(&self) -> u8 { 1 } }
            { fn g<'a>(&self, x: &'a str) -> &'a str { x } }
            { fn h(x: u8) -> u8 where Self: Sized { x } }
        }
    }
    run { let d: &dyn T = &S; (d.f(), d.g("a").to_owned(), S::h(1)) }
}

shape! {
    supertrait_and_generic_trait: unwind group => {
        own {
            #[allow(async_fn_in_trait)]
            pub trait T<'a, X: 'a + ?Sized>: Send + Debug {
                async fn f(&'a self, x: &'a X) -> &'a X;
            }
            #[derive(Debug)]
            pub struct S<Y>(pub Y);
        }
        methods (impl<'a, X: ?Sized + Sync + 'a, Y: Debug + Send + Sync> T<'a, X> for S<Y>) {
            { async fn f(&'a self, x: &'a X) -> &'a X { pause().await; x } }
        }
    }
    run { S(1).f("x").await.to_owned() }
}

shape! {
    return_position_impl_future_in_a_trait: unwind => {
        own { pub trait T { fn f(&self, x: u8) -> impl Future<Output = u8> + Send; } pub struct S; }
        methods (impl T for S) {
            {
                fn f(&self, x: u8) -> impl Future<Output = u8> + Send {
                    async move { tokio::spawn(async move { x }).await.unwrap() }
                }
            }
        }
    }
    run { sendable(S.f(1)).await }
}

shape! {
    async_fn_for_a_method_that_returns_impl_future: unwind group => {
        own { pub trait T { fn f(&self, x: u8) -> impl Future<Output = u8> + Send; } pub struct S; }
        methods (impl T for S) {
            { async fn f(&self, x: u8) -> u8 { pause().await; x } }
        }
    }
    run { sendable(S.f(1)).await }
}

shape! {
    impl_of_future_poll: unwind => {
        own { pub struct S(pub u8); }
        methods (impl Future for S) {
            [ type Output = &'static str; ]
            {
                fn poll(
                    mut self: Pin<&mut Self>, cx: &mut std::task::Context<'_>,
                ) -> std::task::Poll<Self::Output> {
                    self.0 -= 1;
                    if self.0 == 0 {
                        return std::task::Poll::Ready("done");
                    }
                    cx.waker().wake_by_ref();
                    std::task::Poll::Pending
                }
            }
        }
    }
    run { S(3).await }
}

shape! {
    async_trait_with_the_attribute_on_its_methods: unwind recover group => {
        own {
            #[async_trait::async_trait]
            pub trait T {
                async fn f(&self, x: &str) -> Result<usize, Failure>;
                async fn g(&mut self);
                async fn h(x: String) -> Result<String, Failure>
                where
                    Self: Sized;
            }
            #[derive(Default)]
            pub struct S(pub u8);
        }
        methods (#[async_trait::async_trait] impl T for S) {
            {
                async fn f(&self, x: &str) -> Result<usize, Failure> {
                    let n: usize = x.parse()?;
                    Ok(tokio::spawn(async move { n }).await?)
                }
            }
            { async fn g(&mut self) { self.0 += 1; } }
            { async fn h(x: String) -> Result<String, Failure> where Self: Sized { Ok(x) } }
        }
    }
    run {
        let mut s = S(0);
        s.g().await;
        let d: Box<dyn T> = Box::new(S(1));
        (s.0, d.f("4").await, sendable(d.f("x")).await, S::h("h".into()).await)
    }
}

shape! {
    async_trait_below_an_attribute_on_the_impl: unwind => {
        own {
            #[async_trait::async_trait]
            pub trait T {
                async fn f(&self, x: &str) -> usize;
            }
            pub struct S;
        }
        item {
            #[async_trait::async_trait]
            impl T for S {
                async fn f(&self, x: &str) -> usize {
                    let n = x.len();
                    tokio::spawn(async move { n }).await.unwrap()
                }
            }
        }
    }
    run { S.f("abc").await }
}

shape! {
    async_trait_defaults: unwind group => {
        own { pub struct S; #[async_trait::async_trait] impl T for S {} }
        methods (#[async_trait::async_trait] pub trait T: Send + Sync) {
            { async fn f(&self, x: u8) -> u8 { tokio::spawn(async move { x }).await.unwrap() } }
            { async fn g<'a>(&'a self, x: &'a str, _y: &str) -> &'a str { pause().await; x } }
        }
    }
    run { let d: Arc<dyn T> = Arc::new(S); (d.f(1).await, d.g("x", "").await.to_owned()) }
}

shape! {
    async_trait_that_is_not_send: unwind group => {
        own {
            #[async_trait::async_trait(?Send)]
            pub trait T {
                async fn f(&self) -> u8;
            }
            pub struct S(pub std::rc::Rc<u8>);
        }
        methods (#[async_trait::async_trait(?Send)] impl T for S) {
            {
                async fn f(&self) -> u8 {
                    let rc = self.0.clone();
                    let x = tokio::task::spawn_local(async move { *rc });
                    pause().await;
                    x.await.unwrap()
                }
            }
        }
    }
    run { S(std::rc::Rc::new(5)).f().await }
}

shape! {
    generic_async_trait: unwind recover group => {
        own {
            #[async_trait::async_trait]
            pub trait T<Q>
            where
                Q: Send + 'static,
            {
                type R: Send;
                async fn f(&self, q: Q) -> Result<Self::R, BoxError>;
            }
            pub struct S<X>(pub X);
        }
        methods (#[async_trait::async_trait] impl<X, Q> T<Q> for S<X> where X: Clone + Send + Sync + 'static, Q: Send + Sync + 'static) {
            [ type R = (X, Q); ]
            {
                async fn f(&self, q: Q) -> Result<Self::R, BoxError> {
                    let x = self.0.clone();
                    Ok(tokio::spawn(async move { (x, q) }).await?)
                }
            }
        }
    }
    run { let x: (u8, &str) = S(1_u8).f("q").await.unwrap(); x }
}

shape! {
    boxed_form_written_by_hand: unwind recover group => {
        own { pub struct S(pub u8); }
        methods (impl S) {
            {
                pub fn f<'a>(
                    &'a self, x: &'a str,
                ) -> Pin<Box<dyn Future<Output = Result<usize, Failure>> + Send + 'a>> {
                    Box::pin(async move {
                        let n: usize = x.parse()?;
                        let m = tokio::spawn(async move { n }).await?;
                        Ok(m + usize::from(self.0))
                    })
                }
            }
        }
    }
    run { let s = S(1); (s.f("2").await, sendable(s.f("x")).await) }
}

shape! {
    function_that_returns_impl_future: unwind recover => {
        item {
            pub fn f(x: &str) -> impl Future<Output = Result<u8, Failure>> + Send + use<> {
                let x = x.to_owned();
                async move { Ok(x.parse()?) }
            }
        }
    }
    run { let g = { let s = String::from("7"); f(&s) }; (sendable(g).await, f("x").await) }
}

shape! {
    function_that_returns_impl_future_and_captures: unwind recover => {
        item {
            pub fn f<'a, T: Display + Sync>(
                x: &'a T, y: &'a mut u8,
            ) -> impl Future<Output = Result<String, Failure>> + Send + 'a {
                *y += 1;
                async move {
                    *y += 1;
                    pause().await;
                    Ok(format!("{x}{y}"))
                }
            }
        }
    }
    run { let mut y = 1; f(&"a", &mut y).await }
}

shape! {
    function_that_returns_a_boxed_future: unwind recover => {
        item {
            pub fn f<'a>(
                x: u8, log: &'a Mutex<Vec<u8>>,
            ) -> Pin<Box<dyn Future<Output = Result<u8, Failure>> + Send + 'a>> {
                log.lock().unwrap().push(x);
                if x == 0 {
                    return Box::pin(std::future::ready(Ok(0)));
                }
                Box::pin(async move { Ok(f(x - 1, log).await? + x) })
            }
        }
    }
    run { let log = Mutex::new(vec![]); (f(4, &log).await, log.into_inner().unwrap()) }
}

shape! {
    futures_box_future_alias: unwind recover => {
        item {
            pub fn f(x: u8) -> futures::future::BoxFuture<'static, Result<u8, Failure>> {
                use futures::FutureExt;
                async move { Ok(tokio::spawn(async move { x }).await?) }.boxed()
            }
        }
    }
    run { sendable(f(4)).await }
}
