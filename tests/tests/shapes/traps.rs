//! Traps that other attributes fell into; the number is that of the report in which it came up.

use crate::support::*;

shape! {
    /// tokio#6930: `?` gave "async block that returns ()".
    question_mark_as_the_last_statement: unwind recover group => {
        item { pub async fn f(x: &str) -> Result<(), Failure> { x.parse::<u8>()?; Ok(()) } }
        item { pub async fn g(x: &str) -> Result<(), BoxError> { Ok({ x.parse::<u8>()?; }) } }
        item {
            pub async fn h(x: &str) -> Result<(), Failure> {
                Err(x.parse::<u8>().err().ok_or_else(|| Failure("ok".into()))?)?
            }
        }
    }
    run { (f("1").await, g("x").await.map_err(|e| e.to_string()), h("1").await, h("x").await) }
}

shape! {
    /// tokio#4635: the tail told the type, and so did a `return` before it.
    type_told_by_a_return: unwind recover group => {
        item {
            pub async fn f(x: u8) -> Result<Option<Box<dyn Fn() -> u8 + Send>>, Failure> {
                if x == 0 {
                    return Ok(None);
                }
                if x == 1 {
                    return Ok(Some(Box::new(|| 1)));
                }
                Ok(Some(Box::new(move || x)))
            }
        }
        item {
            pub async fn g(x: u8) -> Result<u64, Failure> {
                let n = Default::default();
                if x == 0 {
                    return Ok(n);
                }
                Ok(7)
            }
        }
    }
    run {
        (
            f(0).await.unwrap().is_none(),
            f(1).await.unwrap().unwrap()(),
            f(2).await.unwrap().unwrap()(),
            g(0).await,
            g(1).await,
        )
    }
}

shape! {
    /// async-trait#281: `impl Trait` cannot stand in a generated `let`.
    impl_trait_inside_other_types: unwind group => {
        item {
            pub async fn f(x: impl Display + Send) -> Option<(u8, Vec<impl Display>)> {
                Some((1, vec![x.to_string()]))
            }
        }
        item { pub async fn g() -> Result<impl Future<Output = impl Display>, Failure> { Ok(async { 1 }) } }
        item { pub async fn h() -> Box<dyn Fn(u8) -> u8> { Box::new(|x| x) } }
        item { pub async fn i() -> [impl Copy + Into<u8>; 2] { [1_u8, 2] } }
    }
    run {
        (f(1).await.unwrap().1[0].to_string(), g().await.unwrap().await.to_string(), h().await(1), {
            let x: u8 = i().await[1].into();
            x
        })
    }
}

shape! {
    /// tracing#3306: the glob imports of the body shadowed generated names.
    globs_in_the_body: unwind recover group => {
        own {
            pub mod everything {
                pub use std::future::*;
                pub use std::task::*;
                pub mod core {}
                pub mod rejoin {}
                pub fn guard() {}
                pub struct Ok2;
            }
        }
        item {
            pub async fn f() -> Result<u8, Failure> {
                use everything::*;
                tokio::spawn(pause());
                let p: Poll<u8> = Poll::Ready(1);
                ready(()).await;
                let Poll::Ready(x) = p else { unreachable!() };
                Ok(x)
            }
        }
    }
    run { f().await }
}

shape! {
    /// tracing#2294: inner attributes stay first in the block.
    inner_attributes: unwind or group => {
        item {
            pub async fn f(x: u8) -> u8 {
                #![allow(unused_variables)]
                #![doc = " Documentation from inside."]
                let unused = 1;
                x
            }
        }
        plain { pub fn g(x: u8) -> u8 { #![allow(unused_variables)] let unused = 1; x } }
        own { pub struct S; }
        methods (impl S) {
            {
                pub async fn h(&self) -> u8 {
                    #![allow(unused_variables)]
                    //! And a line of it.
                    let unused = 1;
                    tokio::spawn(async { 3 }).await.unwrap()
                }
            }
        }
    }
    run { (f(1).await, g(2), S.h().await) }
}

shape! {
    /// rust#67062: a future that is a fragment, in a call that is one.
    groups_without_delimiters: unwind group => {
        item {
            pub async fn f() -> u8 {
                macro_rules! go {
                    ($f:expr) => {
                        tokio::spawn($f)
                    };
                }
                go!(pause());
                go!(async { 1 }).await.unwrap()
            }
        }
    }
    run { f().await }
}

shape! {
    /// rust-analyzer#18211 gives parentheses where the compiler gives groups.
    parentheses: unwind group => {
        item {
            #[allow(unused_parens)]
            pub async fn f() -> (u8) {
                ((tokio::spawn)((async {})));
                let h = ((tokio::task::spawn)((async { (1) })));
                (h.await).unwrap()
            }
        }
    }
    run { f().await }
}

shape! {
    /// tokio#6869, async-trait#147, tracing#1613: lints on code that the user did not write.
    denied_lints: unwind recover group => {
        item {
            #[deny(warnings, clippy::all, clippy::pedantic)]
            #[allow(unreachable_pub)]
            pub async fn f(mut x: u8) -> Result<u8, Failure> {
                if x == 0 {
                    return Ok(0);
                }
                let unit = tokio::spawn(async {}).await;
                unit?;
                tokio::spawn(pause());
                x += 1;
                Ok(x)
            }
        }
    }
    run { (f(0).await, f(1).await) }
}

shape! {
    /// tracing#1616: the body appears once, so its statics, consts and `include!`s do too.
    one_copy_of_the_body: unwind recover group => {
        item {
            pub async fn f() -> Result<usize, Failure> {
                static CALLS: AtomicUsize = AtomicUsize::new(0);
                tick(&CALLS);
                #[allow(unused)]
                struct Once;
                Ok(reaches(&CALLS, 1).await)
            }
        }
    }
    run { f().await }
}

shape! {
    /// async-trait: `where Self: Sized`, a lifetime only in the bounds, `Self` in a macro.
    clauses_that_get_lost: unwind group => {
        own { pub struct S<'a>(pub &'a str); }
        methods (impl<'a> S<'a>) {
            {
                pub async fn f<'b, T>(&'b self, x: &'b T) -> (&'b T, &'a str)
                where
                    T: ?Sized + Sync + 'b,
                    'a: 'b,
                    Self: Sized,
                {
                    pause().await;
                    (x, self.0)
                }
            }
            {
                pub async fn g(x: &'a str) -> String {
                    format!("{}", Self(x).0) + std::any::type_name::<u8>()
                }
            }
        }
    }
    run { let s = S("s"); let (x, y) = s.f("x").await; (x.len(), y.len(), S::g("g").await) }
}

shape! {
    /// rust#39336: a `#[cfg]` that has not been evaluated yet, in the middle of an expression.
    expressions_under_cfg: unwind group => {
        item {
            pub async fn f(x: u8) -> u8 {
                let t = (
                    x,
                    #[cfg(any())]
                    tokio::spawn(missing),
                    #[cfg(all())]
                    2,
                );
                g(
                    #[cfg(any())]
                    missing,
                    t.1,
                )
            }
        }
        own { pub fn g(x: u8) -> u8 { x } }
    }
    run { f(1).await }
}

shape! {
    /// rust#78840: what spawns stays synchronous, so a panic without a runtime names the caller.
    spawning_outside_a_runtime: unwind => {
        item { pub fn f() -> u8 { tokio::spawn(async { 1 }); 1 } }
    }
    run { std::thread::spawn(|| std::panic::catch_unwind(|| f()).is_err()).join().unwrap() }
}

shape! {
    /// tracing#768 and #2270: a body that is only a macro call, only a block, only a loop, only a match.
    bodies_of_one_expression: unwind or group => {
        item { pub async fn a(x: u8) -> String { format!("{x}") } }
        item { pub async fn b(x: u8) -> Vec<u8> { vec![x] } }
        item { pub async fn c(x: u8) -> u8 { { { x } } } }
        item { pub async fn d(x: u8) -> u8 { loop { break x; } } }
        item { pub async fn e(x: u8) -> u8 { match x { 0 => 1, _ => 2 } } }
        item { pub async fn f(x: u8) -> bool { matches!(x, 0..=3) } }
        item { #[allow(unused_unsafe, unsafe_code)] pub async fn g(x: u8) -> u8 { unsafe { x } } }
        item { pub async fn h(x: u8) -> u8 { async { x }.await } }
        item { pub async fn i(_: u8) -> u8 { const { 3 } } }
        item { pub async fn j(x: u8) -> Option<u8> { if x > 0 { Some(x) } else { None } } }
    }
    run {
        (
            a(1).await,
            b(1).await,
            c(1).await,
            d(1).await,
            e(1).await,
            f(1).await,
            g(1).await,
            h(1).await,
            i(1).await,
            j(1).await,
        )
    }
}

shape! {
    /// A body that ends in an expression with borrowed temporaries, as edition 2024 drops them.
    temporaries_of_the_tail: unwind group => {
        item { pub async fn f(m: &Mutex<Vec<u8>>) -> usize { pause().await; m.lock().unwrap().len() } }
        item {
            pub async fn g() -> usize {
                let cell = std::cell::RefCell::new(vec![1]);
                cell.borrow().len()
            }
        }
        item {
            pub async fn h(m: &Mutex<Option<u8>>) -> u8 {
                match *m.lock().unwrap() {
                    Some(x) => x,
                    None => 0,
                }
            }
        }
    }
    run { (f(&Mutex::new(vec![1])).await, g().await, h(&Mutex::new(Some(2))).await) }
}

shape! {
    operators_and_overloads_stay: unwind group => {
        item {
            pub async fn f(x: u8) -> (bool, u8, std::ops::Range<u8>, &'static str, [u8; 3], i32) {
                let r = x..x + 3;
                let neg = -(i32::from(x));
                let b = !(x > 1) || x as usize == 1 && true;
                let mut a = [x; 3];
                a[1] <<= 2;
                a[2] ^= x;
                (b, x % 2, r, stringify!(a + b), a, neg)
            }
        }
    }
    run { f(3).await }
}

shape! {
    /// What is assigned last is read by a destructor; captured by a block, it looked as if nobody did.
    assigned_for_a_destructor: unwind recover group => {
        own {
            pub struct Armed { pub log: Arc<AtomicUsize>, pub armed: bool }
            impl Drop for Armed { fn drop(&mut self) { if self.armed { tick(&self.log) } } }
        }
        methods (impl Armed) {
            {
                #[deny(warnings)]
                pub async fn disarm(mut self) -> Result<(), Failure> {
                    pause().await;
                    self.armed = false;
                    Ok(())
                }
            }
            ( #[deny(warnings)] pub fn disarm_now(mut self) -> Result<(), Failure> { self.armed = false; Ok(()) } )
        }
        item {
            #[deny(warnings)]
            pub async fn f(mut guard: Armed, _: u8) -> Result<(), Failure> {
                pause().await;
                guard.armed = false;
                Ok(())
            }
        }
        plain { #[deny(warnings)] pub fn h(mut guard: Armed) -> Result<(), Failure> { guard.armed = false; Ok(()) } }
    }
    run {
        let log = counter();
        let armed = || Armed { log: log.clone(), armed: true };
        armed().disarm().await.unwrap();
        armed().disarm_now().unwrap();
        f(armed(), 1).await.unwrap();
        h(armed()).unwrap();
        drop(armed());
        log.load(Ordering::SeqCst)
    }
}

shape! {
    /// Of a guard in a pattern, a block that captures as little as it can took a copy of the field that it assigned.
    assigned_in_a_pattern: unwind recover group => {
        own {
            pub struct Armed { pub log: Arc<AtomicUsize>, pub armed: bool }
            impl Drop for Armed { fn drop(&mut self) { if self.armed { tick(&self.log) } } }
        }
        item {
            pub async fn f((mut guard, _): (Armed, u8)) -> Result<(), Failure> {
                pause().await;
                guard.armed = false;
                Ok(())
            }
        }
        plain { pub fn g((mut guard, _): (Armed, u8)) -> Result<(), Failure> { guard.armed = false; Ok(()) } }
    }
    run {
        let log = counter();
        let armed = || Armed { log: log.clone(), armed: true };
        f((armed(), 1)).await.unwrap();
        g((armed(), 1)).unwrap();
        drop(armed());
        log.load(Ordering::SeqCst)
    }
}
