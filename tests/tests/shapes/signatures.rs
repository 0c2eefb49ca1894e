//! Signatures: generics, lifetimes, bounds, patterns in parameters.

use crate::support::*;

shape! {
    nothing_at_all: unwind recover group => {
        item { pub async fn f() {} }
    }
    run { sendable(f()).await }
}

shape! {
    plain_function: unwind or => {
        item { pub fn f(x: u8) -> u8 { x + 1 } }
    }
    run { let g: fn(u8) -> u8 = f; g(1) }
}

shape! {
    async_value: unwind or group => {
        item { pub async fn f(x: u8) -> u8 { x + 1 } }
    }
    run { sendable(f(1)).await }
}

shape! {
    one_type_parameter: unwind or group => {
        item { pub async fn f<T>(x: T) -> Vec<T> { vec![x] } }
    }
    run { (f(1_u8).await, f("a").await) }
}

shape! {
    bounds_and_where_clause: unwind or group => {
        item {
            pub async fn f<T: Clone, U>(x: &T, y: U) -> (T, String)
            where
                T: Debug + Send,
                U: Into<String> + Send,
                for<'a> &'a T: Debug,
                (T, String): Default,
            {
                pause().await;
                (x.clone(), format!("{x:?}{}", y.into()))
            }
        }
    }
    run { f(&7_u8, "!").await }
}

shape! {
    constant_parameter: unwind group => {
        item {
            pub async fn f<const N: usize, T: Copy + Default>(x: T) -> [T; N] {
                let mut a = [T::default(); N];
                a[0] = x;
                a
            }
        }
    }
    run { f::<3, u8>(1).await }
}

shape! {
    constant_expression_in_a_type: unwind group => {
        item { pub async fn f(x: [u8; 1 + 1]) -> [u8; { const N: usize = 2; N }] { x } }
    }
    run { f([1, 2]).await }
}

shape! {
    named_lifetime: unwind or group => {
        item { pub async fn f<'a>(x: &'a str, _y: &str) -> &'a str { pause().await; &x[1..] } }
    }
    run { let s = String::from("abc"); f(&s, "").await.to_owned() }
}

shape! {
    elided_lifetime: unwind or group => {
        item { pub async fn f(x: &str) -> &str { pause().await; x.trim() } }
    }
    run { let s = String::from(" a "); f(&s).await.to_owned() }
}

shape! {
    anonymous_lifetime_in_a_path: unwind group => {
        item {
            pub async fn f(x: std::slice::Iter<'_, u8>) -> std::iter::Skip<std::slice::Iter<'_, u8>> {
                x.skip(1)
            }
        }
    }
    run { f([1_u8, 2].iter()).await.copied().collect::<Vec<_>>() }
}

shape! {
    two_lifetimes_with_a_bound: unwind group => {
        item {
            pub async fn f<'a, 'b: 'a>(x: &'a mut Vec<&'b str>, y: &'b str) -> &'a str {
                x.push(y);
                pause().await;
                x[0]
            }
        }
    }
    run { let mut v = vec![]; let s = String::from("q"); f(&mut v, &s).await.to_owned() }
}

shape! {
    static_lifetime: unwind or group => {
        item { pub async fn f(x: &'static str) -> &'static str { x } }
    }
    run { tokio::spawn(f("z")).await.unwrap() }
}

shape! {
    higher_ranked_closure: unwind group => {
        item { pub async fn f(g: impl for<'a> Fn(&'a str) -> &'a str) -> String { g(" x ").to_owned() } }
    }
    run { f(str::trim).await }
}

shape! {
    argument_position_impl_trait: unwind or group => {
        item {
            pub async fn f(
                x: impl Iterator<Item = impl Into<u64>> + Send, s: &(impl Display + ?Sized),
            ) -> (u64, String) {
                (x.map(Into::into).sum(), s.to_string())
            }
        }
    }
    run { f([1_u8, 2].into_iter(), "s").await }
}

shape! {
    dyn_arguments: unwind or group => {
        item {
            pub async fn f(
                x: &dyn Display, y: Box<dyn Fn(u8) -> u8 + Send>, z: &mut (dyn std::fmt::Write + Send),
            ) -> String {
                write!(z, "{}", y(1)).unwrap();
                x.to_string()
            }
        }
    }
    run { let mut s = String::new(); (f(&1, Box::new(|x| x + 1), &mut s).await, s) }
}

shape! {
    function_pointers: unwind group => {
        item {
            pub async fn f(
                x: fn(u8) -> u8, y: for<'a> fn(&'a u8) -> &'a u8, z: extern "C" fn(u8) -> u8,
            ) -> u8 {
                z(x(*y(&1)))
            }
        }
        own { pub extern "C" fn c(x: u8) -> u8 { x * 2 } }
    }
    run { f(|x| x + 1, |x| x, c).await }
}

shape! {
    mutable_argument: unwind or group => {
        item { pub async fn f(mut x: Vec<u8>) -> Vec<u8> { x.push(1); x } }
    }
    run { f(vec![]).await }
}

shape! {
    mutable_argument_of_a_plain_function: unwind or => {
        item { pub fn f(mut x: Vec<u8>) -> Vec<u8> { x.push(1); x } }
    }
    run { let g: fn(Vec<u8>) -> Vec<u8> = f; g(vec![]) }
}

shape! {
    tuple_pattern: unwind or group => {
        item { pub async fn f((a, mut b): (u8, u8), (c, ..): (u8, u8, u8)) -> u8 { b += 1; a + b + c } }
    }
    run { f((1, 2), (3, 4, 5)).await }
}

shape! {
    struct_pattern: unwind or group => {
        own { pub struct P { pub x: u8, pub y: String } pub struct Q(pub u8, pub u8); }
        item { pub async fn f(P { x, y: ref name }: P, Q(a, _): Q) -> String { format!("{x}{name}{a}") } }
    }
    run { f(P { x: 1, y: "n".into() }, Q(2, 3)).await }
}

shape! {
    wildcard_argument: unwind or group => {
        item { pub async fn f(_: u8, _: String, x: u8) -> u8 { x } }
    }
    run { f(1, String::new(), 2).await }
}

shape! {
    wildcard_argument_of_a_plain_function: unwind or => {
        item { pub fn f(_: String, _: &mut Vec<u8>) -> u8 { 2 } }
    }
    run { f(String::new(), &mut vec![]) }
}

shape! {
    reference_patterns: unwind or group => {
        item {
            pub async fn f(&a: &u8, &mut ref mut b: &mut u8, [c, .., d]: [u8; 4], ref e: String) -> String {
                *b += 1;
                format!("{a}{b}{c}{d}{e}")
            }
        }
    }
    run { let mut b = 1; (f(&1, &mut b, [1, 2, 3, 4], "e".into()).await, b) }
}

shape! {
    binding_with_a_subpattern: unwind group => {
        item { pub async fn f(all @ (a, b): (u8, u8)) -> (u8, (u8, u8)) { (a + b, all) } }
    }
    run { f((1, 2)).await }
}

shape! {
    unused_arguments: unwind recover group => {
        item { pub async fn f(_a: u8, _b: &str, _c: tokio::sync::mpsc::Sender<u8>) {} }
    }
    run { let (tx, mut rx) = tokio::sync::mpsc::channel(1); f(1, "", tx).await; rx.recv().await }
}

shape! {
    raw_identifiers: unwind or group => {
        own { pub struct S { pub r#type: u8 } }
        item {
            pub async fn r#match(r#type: u8, S { r#type: r#loop }: S) -> u8 {
                let r#fn = r#type + r#loop;
                tokio::spawn(async move { r#fn }).await.unwrap()
            }
        }
    }
    run { r#match(1, S { r#type: 2 }).await }
}

shape! {
    argument_names_of_an_expansion: unwind or group => {
        item {
            pub async fn f(
                __f: u8, __b: u8, __p: u8, future: u8, handler: u8, body: u8, site: u8, panic: u8,
            ) -> u8 {
                let route = __f + __b + __p;
                let held = tokio::spawn(async move { route + future });
                tokio::spawn(async move {
                    let _ = body;
                });
                held.await.unwrap() + handler + body + site + panic
            }
        }
    }
    run { f(1, 2, 3, 4, 5, 6, 7, 8).await }
}

shape! {
    doc_comments_and_lint_attributes: unwind or group => {
        item {
            /// Says what it does.
            ///
            /// * twice
            #[doc(alias = "g")]
            #[must_use = "it is a number"]
            #[inline(always)]
            #[cold]
            #[allow(dead_code, reason = "to have a reason")]
            #[deprecated(note = "only to see whether it stays")]
            pub async fn f(/* a plain comment */ x: u8) -> u8 {
                x
            }
        }
    }
    run { #[expect(deprecated)] let x = f(1).await; x }
}

shape! {
    unsafe_function: unwind or => {
        item {
            /// # Safety
            /// None needed.
            #[allow(unsafe_code)]
            pub unsafe fn f(x: u8) -> u8 {
                x
            }
        }
    }
    run { let g: unsafe fn(u8) -> u8 = f; #[allow(unsafe_code)] unsafe { g(1) } }
}

shape! {
    unsafe_async_function: unwind or group => {
        item {
            #[allow(unsafe_code)]
            pub(crate) async unsafe fn f(x: *const u8) -> u8 {
                let v = unsafe { *x };
                v
            }
        }
    }
    run { let x = 3; #[allow(unsafe_code)] let v = unsafe { f(&raw const x) }.await; v }
}

shape! {
    tracked_caller: unwind => {
        item { #[track_caller] pub fn f() -> u32 { std::panic::Location::caller().line() - line!() } }
    }
    run { f() > 0 }
}

shape! {
    many_arguments: unwind or group => {
        item {
            #[allow(clippy::too_many_arguments)]
            pub async fn f<A: Send, B>(
                a: A, b: B, c: [u8; 64], d: &A, e: &mut B, f: (), g: (u8, (u8,)), h: Option<Box<A>>,
            ) -> usize {
                let _ = (a, b, d, e, f, h);
                pause().await;
                c.len() + usize::from(g.0)
            }
        }
    }
    run { f(1, "b", [0; 64], &2, &mut "e", (), (1, (2,)), None).await }
}

shape! {
    visibility_in_a_path: unwind or group => {
        item { pub(in super::super) async fn f() -> u8 { 1 } }
    }
    run { f().await }
}

shape! {
    an_anonymous_lifetime_in_an_impl_trait: unwind recover group => {
        item {
            pub async fn f(xs: impl Iterator<Item = &u8>) -> Result<usize, Failure> {
                tokio::spawn(pause());
                Ok(xs.count())
            }
        }
        item {
            pub async fn g(x: impl Into<std::borrow::Cow<'_, str>>) -> Result<usize, Failure> {
                pause().await;
                Ok(x.into().len())
            }
        }
        item {
            pub async fn h(x: impl Fn(&u8) -> &u8) -> Result<u8, Failure> {
                pause().await;
                Ok(*x(&3))
            }
        }
    }
    run {
        (f([1, 2].iter()).await.unwrap(), g("abc").await.unwrap(), h(|x| x).await.unwrap())
    }
}
