//! What functions return: references, closures, `impl Trait`, trait objects, handles.

use crate::support::*;
use tokio::task::JoinHandle;

shape! {
    impl_trait: unwind => {
        item {
            pub async fn f(x: u8) -> impl Iterator<Item = u8> + Send {
                pause().await;
                (0..x).map(move |y| y + x)
            }
        }
        item { pub fn g(x: u8) -> impl Display + Clone { x } }
        item {
            pub async fn h<'a>(x: &'a [u8]) -> Option<impl Iterator<Item = &'a u8> + use<'a>> {
                Some(x.iter())
            }
        }
    }
    run { (f(2).await.collect::<Vec<_>>(), g(1).clone().to_string(), h(&[1, 2]).await.unwrap().count()) }
}

shape! {
    impl_trait_in_a_group: group isolate => {
        item {
            pub async fn f(x: u8) -> impl Iterator<Item = u8> + Send {
                tokio::spawn(async {});
                pause().await;
                (0..x).map(move |y| y + x)
            }
        }
        item {
            pub async fn g<'a, T: Clone + Sync + Debug>(
                x: &'a [T],
            ) -> Result<(impl Iterator<Item = T> + 'a, Vec<impl Debug + use<'a, T>>), BoxError> {
                if x.is_empty() {
                    return Err("empty".into());
                }
                Ok((x.iter().cloned(), vec![x]))
            }
        }
    }
    run {
        (f(2).await.collect::<Vec<_>>(), g(&[1_u8, 2]).await.map(|(a, b)| (a.count(), b.len())).unwrap())
    }
}

shape! {
    impl_trait_in_a_result: unwind recover group => {
        item {
            pub async fn f(x: &str) -> Result<impl Fn(u8) -> u8 + Send + use<>, Failure> {
                let n: u8 = x.parse()?;
                Ok(move |y| y + n)
            }
        }
    }
    run { (f("1").await.map(|g| g(1)), f("x").await.map(|g| g(1))) }
}

shape! {
    impl_trait_in_a_plain_result: unwind recover => {
        item {
            pub fn f(x: &str) -> Result<impl Iterator<Item = char>, Failure> {
                if x.is_empty() {
                    return Err(Failure("empty".into()));
                }
                Ok(x.chars())
            }
        }
    }
    run { (f("ab").map(Iterator::count), f("").map(Iterator::count)) }
}

shape! {
    references: unwind group => {
        own {
            pub struct S {
                v: Vec<String>,
            }
            impl S {
                pub fn new() -> Self {
                    S { v: vec!["a".into()] }
                }
            }
        }
        methods (impl S) {
            { pub async fn one(&self, i: usize) -> Option<&String> { pause().await; self.v.get(i) } }
            { pub async fn all(&mut self) -> std::slice::IterMut<'_, String> { self.v.iter_mut() } }
            { pub async fn other<'a>(&self, x: &'a str) -> &'a str { x } }
            ( pub fn plain(&mut self) -> &mut String { &mut self.v[0] } )
        }
    }
    run {
        let mut s = S::new();
        s.all().await.for_each(|x| x.push('b'));
        s.plain().push('c');
        (s.one(0).await.cloned(), s.one(1).await.cloned(), s.other("x").await.len())
    }
}

shape! {
    closures: unwind => {
        item { pub fn f(x: u8) -> impl Fn(u8) -> u8 { move |y| x + y } }
        item { pub fn g<'a>(x: &'a str) -> Box<dyn Fn() -> &'a str + Send + 'a> { Box::new(move || x) } }
        item { pub fn h() -> impl FnOnce() -> JoinHandle<u8> { || tokio::spawn(async { 1 }) } }
        item {
            pub async fn i(x: u8) -> impl AsyncFn(u8) -> u8 {
                async move |y| tokio::spawn(async move { x + y }).await.unwrap()
            }
        }
    }
    run { (f(1)(2), g("x")().len(), h()().await.unwrap(), i(1).await(2).await) }
}

shape! {
    handle_returned: unwind => {
        item { pub async fn f(x: u8) -> JoinHandle<u8> { tokio::spawn(async move { x }) } }
        item {
            pub async fn g() -> JoinHandle<Result<u8, std::num::ParseIntError>> {
                return tokio::task::spawn(async { "1".parse() });
            }
        }
        item {
            pub async fn h() -> Result<tokio::task::JoinHandle<()>, Failure> {
                let handle = tokio::task::spawn_blocking(|| {});
                Ok(handle)
            }
        }
    }
    run {
        let (a, b, c) = (f(1).await, g().await, h().await.unwrap());
        (kind(&a), kind(&b), kind(&c), a.await.unwrap(), b.await.unwrap(), c.await.unwrap())
    }
}

shape! {
    handle_returned_by_a_plain_function: unwind => {
        item { pub fn f<T: Send + 'static>(x: T) -> JoinHandle<T> { tokio::spawn(async { x }) } }
        item {
            pub fn g(x: Vec<u8>) -> std::thread::JoinHandle<usize> {
                std::thread::spawn(move || x.len())
            }
        }
        item {
            pub fn h<F>(f: F) -> JoinHandle<F::Output>
            where
                F: Future + Send + 'static,
                F::Output: Send + 'static,
            {
                tokio::spawn(f)
            }
        }
        item {
            pub fn i<F: FnOnce() -> R + Send + 'static, R: Send + 'static>(f: F) -> JoinHandle<R> {
                tokio::task::spawn_blocking(f)
            }
        }
    }
    run {
        let g2: fn(Vec<u8>) -> std::thread::JoinHandle<usize> = g;
        (
            f("a").await.unwrap(),
            g2(vec![1]).join().unwrap(),
            h(async { 2 }).await.unwrap(),
            i(|| 3).await.unwrap(),
        )
    }
}

shape! {
    handle_in_a_struct: unwind => {
        own {
            pub struct Worker {
                pub handle: JoinHandle<u8>,
                pub others: Vec<JoinHandle<()>>,
                pub maybe: Option<JoinHandle<&'static str>>,
            }
        }
        methods (impl Worker) {
            {
                pub async fn start() -> Self {
                    Self {
                        handle: tokio::spawn(async { 1 }),
                        others: vec![tokio::spawn(pause()), tokio::spawn(async {})],
                        maybe: Some(tokio::spawn(async { "m" })),
                    }
                }
            }
            {
                pub async fn restart(&mut self) {
                    self.handle = tokio::spawn(async { 2 });
                    self.others.push(tokio::spawn(pause()));
                    self.maybe.replace(tokio::spawn(async { "n" }));
                }
            }
        }
    }
    run {
        let mut w = Worker::start().await;
        let a = (&mut w.handle).await.unwrap();
        w.restart().await;
        (a, w.handle.await.unwrap(), w.others.len(), w.maybe.unwrap().await.unwrap())
    }
}

shape! {
    default_bearing_values: or unwind group => {
        item { pub async fn f(x: u8) -> (u8, String, Option<Vec<u8>>) { (x, x.to_string(), None) } }
        item {
            pub async fn g() -> std::collections::BTreeMap<String, [u8; 4]> {
                [("a".to_owned(), [1; 4])].into()
            }
        }
        item { pub async fn h() -> bool { true } }
    }
    run { (f(1).await, g().await, h().await) }
}

shape! {
    results_in_every_spelling: unwind recover group => {
        own { pub type Res<T> = std::result::Result<T, Failure>; }
        item { pub async fn a() -> Res<u8> { Ok("1".parse()?) } }
        item {
            pub async fn b() -> ::core::result::Result<u8, crate::support::Failure> {
                Ok("1".parse()?)
            }
        }
        item { pub async fn c() -> (Result<u8, Failure>) { Ok("1".parse()?) } }
    }
    run { (a().await, b().await, c().await) }
}

shape! {
    associated_type_as_the_return_type: unwind => {
        item { pub async fn f<I: IntoIterator>(x: I) -> Option<I::Item> { x.into_iter().next() } }
        item {
            pub fn g<T: std::str::FromStr>(x: &str) -> Result<T, <T as std::str::FromStr>::Err> {
                x.parse()
            }
        }
    }
    run { (f(vec![1]).await, g::<u8>("1")) }
}

shape! {
    streams_and_iterators_of_spawns: unwind group => {
        item {
            pub async fn f(n: u8) -> Vec<u8> {
                futures::future::join_all((0..n).map(|x| tokio::spawn(async move { x })))
                    .await
                    .into_iter()
                    .map(Result::unwrap)
                    .collect()
            }
        }
        item {
            pub async fn g(n: u8) -> Vec<u8> {
                use futures::StreamExt;
                futures::stream::iter(0..n)
                    .map(|x| async move { tokio::spawn(async move { x }).await.unwrap() })
                    .buffered(2)
                    .collect()
                    .await
            }
        }
        item {
            pub async fn h(n: u8) -> usize {
                let handles: Vec<JoinHandle<u8>> =
                    (0..n).map(|x| tokio::task::spawn_blocking(move || x)).collect();
                let n = handles.len();
                for h in handles {
                    h.await.unwrap();
                }
                n
            }
        }
    }
    run { (f(3).await, g(3).await, h(3).await) }
}
