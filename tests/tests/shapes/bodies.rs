//! What stands in a body: control flow, closures, blocks, the never type, recursion.

use crate::support::*;

shape! {
    question_mark: unwind recover group => { item { pub async fn f(x: &str) -> Result<u8, Failure> { let n = x.parse::<u8>()?; pause().await; Ok(n) } } }
    run { (f("1").await, sendable(f("x")).await) }
}

shape! {
    question_mark_in_a_plain_function: unwind recover => { item { pub fn f(x: &str) -> Result<u8, Failure> { Ok(x.parse::<u8>()? + 1) } } }
    run { let g: fn(&str) -> Result<u8, Failure> = f; (g("1"), g("x")) }
}

shape! {
    question_mark_into_a_boxed_error: unwind recover group => {
        item { pub async fn f(x: &str) -> Result<u8, BoxError> { if x.is_empty() { return Err("empty".into()); } if x == "?" { Err("question")?; } Ok(x.parse()?) } }
    }
    run { (f("1").await.unwrap(), f("").await.unwrap_err().to_string(), f("?").await.unwrap_err().to_string(), f("x").await.unwrap_err().to_string()) }
}

shape! {
    question_mark_on_options: unwind or group => { item { pub async fn f(x: &[u8]) -> Option<u8> { let first = x.first()?; pause().await; Some(*first + *x.get(1)?) } } }
    run { (f(&[1, 2]).await, f(&[1]).await) }
}

shape! {
    io_error: unwind recover group => {
        item { pub async fn f(x: u8) -> std::io::Result<u8> { if x == 0 { return Err(std::io::ErrorKind::NotFound.into()); } tokio::task::spawn_blocking(move || Ok(x)).await? } }
    }
    run { (f(0).await.unwrap_err().kind(), f(1).await.unwrap()) }
}

shape! {
    labelled_breaks_with_values: unwind or group => {
        item {
            pub async fn f(x: u8) -> u8 {
                let a = 'block: { if x > 3 { break 'block 1; } pause().await; 2 };
                let b = 'outer: loop { for i in 0.. { if i == x { break 'outer i; } if i > 100 { continue 'outer; } } };
                let mut n = 0;
                'while_: while n < 10 { n += 1; loop { if n % 2 == 0 { continue 'while_; } if n > 6 { break 'while_; } break; } }
                a + b + n
            }
        }
    }
    run { (f(1).await, f(5).await) }
}

shape! {
    let_else: unwind or group => {
        item { pub async fn f(x: Option<&str>) -> usize { let Some(y) = x else { return 0; }; let [a, ..] = y.as_bytes() else { pause().await; return 1 }; usize::from(*a) } }
    }
    run { (f(None).await, f(Some("")).await, f(Some("a")).await) }
}

shape! {
    early_returns: unwind or group => {
        item { pub async fn f(x: u8) -> String { if x == 0 { return "zero".to_owned(); } match x { 1 => return String::from("one"), 2 => {} _ => { pause().await; return format!("{x}") } } "two".into() } }
    }
    run { (f(0).await, f(1).await, f(2).await, f(3).await) }
}

shape! {
    only_a_return: unwind or group => { item { #[allow(clippy::needless_return)] pub async fn f(x: u8) -> u8 { return x + 1; } } item { pub fn g(x: u8) -> u8 { return x; } } }
    run { (f(1).await, g(2)) }
}

shape! {
    early_return_without_a_value: unwind recover group => { item { pub async fn f(x: &AtomicUsize) { if x.load(Ordering::SeqCst) == 0 { return; } pause().await; tick(x) } } }
    run { let c = counter(); f(&c).await; tick(&c); f(&c).await; c.load(Ordering::SeqCst) }
}

shape! {
    let_chains_and_matches: unwind or group => {
        item {
            pub async fn f(x: Option<u8>, y: Result<u8, String>) -> u8 {
                if let Some(a) = x && a > 1 && let Ok(b) = &y { return a + b; }
                while let Some(a) = x { if a < 9 { break; } return 9; }
                match (x, y) { (Some(a @ 1..=2), _) | (_, Ok(a)) if a != 0 => a, (None, Err(e)) => e.len().try_into().unwrap(), _ => 0 }
            }
        }
    }
    run { (f(Some(2), Ok(3)).await, f(None, Err("abc".into())).await, f(Some(1), Err(String::new())).await) }
}

shape! {
    never_ends_normally: unwind group => { item { #[allow(unreachable_code)] pub async fn f(x: u8) -> u8 { loop { pause().await; if x > 0 { return x; } } } } }
    run { f(1).await }
}

shape! {
    diverging_tail: unwind or group => { item { pub async fn f(x: u8) -> u8 { if x > 0 { return x; } panic!("never reached: {x}") } } item { pub fn g(x: u8) -> u8 { if x > 0 { return x; } unreachable!() } } }
    run { (f(1).await, g(2)) }
}

shape! {
    never_type: unwind group => {
        item { pub async fn f() -> ! { loop { pause().await; } } }
        item { pub async fn g() -> u8 { tokio::select! { biased; () = pause() => 1, never = f() => never } } }
    }
    run { g().await }
}

shape! {
    never_type_of_a_plain_function: unwind => { item { pub fn f() -> ! { std::panic::resume_unwind(Box::new("out")) } } }
    run { let g: fn() -> ! = f; std::panic::catch_unwind(|| { g(); }).is_err() }
}

shape! {
    todo_as_the_body: unwind group => { item { #[allow(clippy::todo, unused_variables)] pub async fn f(x: u8) -> Vec<String> { todo!() } } item { pub fn g() -> u8 { unimplemented!() } } }
    run { let _ = g; drop(f(1)); }
}

shape! {
    nested_closures: unwind or group => {
        item {
            pub async fn f(v: Vec<u8>) -> u8 {
                let add = |x: u8| move |y: u8| x + y;
                let mut count = 0;
                let mut bump = || { count += 1; count };
                bump(); bump();
                let owned = v.clone();
                let total = v.iter().map(|x| add(*x)(1)).fold(0, |a, b| { if b > 250 { return a; } a + b });
                let gone = move || owned.into_iter().map(u32::from).sum::<u32>();
                total + count + u8::try_from(gone()).unwrap()
            }
        }
    }
    run { f(vec![1, 2]).await }
}

shape! {
    async_closures: unwind or group => {
        item {
            pub async fn f(x: u8) -> u8 {
                let by_ref = async |y: u8| { pause().await; x + y };
                let moved = async move |y: u8| -> u8 { tokio::spawn(async move { y }).await.unwrap() + x };
                by_ref(1).await + moved(2).await
            }
        }
    }
    run { f(1).await }
}

shape! {
    nested_async_blocks: unwind recover group => {
        item {
            pub async fn f(x: &str) -> Result<u8, Failure> {
                let outer = async { let inner = async { x.parse::<u8>() }; pause().await; let n = inner.await?; Ok::<_, Failure>(n) };
                let twice = async move { async move { x.len() }.await };
                Ok(outer.await? + u8::try_from(twice.await).unwrap_or(0))
            }
        }
    }
    run { (f("1").await, f("x").await) }
}

shape! {
    block_whose_return_is_not_ours: unwind or group => {
        item { pub async fn f(x: u8) -> String { let n = async { if x == 0 { return 1_u64; } 2 }.await; let m = (|| { if x == 0 { return 3_i8; } 4 })(); format!("{n}{m}") } }
    }
    run { (f(0).await, f(1).await) }
}

shape! {
    shadowed_arguments: unwind or group => { item { pub async fn f(x: u8, y: u8) -> String { let x = x + 1; let y = { let x = y; x * 2 }; let x = format!("{x}"); { let x = 0; let _ = x; } x + &y.to_string() } } }
    run { f(1, 2).await }
}

shape! {
    items_in_a_body: unwind or group => {
        item {
            pub async fn f(x: u8) -> u8 {
                const N: u8 = 2;
                static S: AtomicUsize = AtomicUsize::new(1);
                use std::collections::BTreeMap as Map;
                #[derive(Clone)] struct Local { y: u8 }
                impl Local { async fn g(self) -> u8 { self.y } }
                enum E { A }
                fn helper(x: u8) -> u8 { x + N }
                async fn spawning(x: u8) -> u8 { tokio::spawn(async move { x }).await.unwrap() }
                macro_rules! twice { ($e:expr) => { $e + $e }; }
                let m: Map<u8, E> = [(1, E::A)].into();
                helper(x) + Local { y: twice!(x) }.g().await + spawning(1).await + u8::try_from(m.len() + S.load(Ordering::SeqCst)).unwrap()
            }
        }
    }
    run { f(1).await }
}

shape! {
    recursion_through_a_box: unwind recover group => {
        item { pub async fn f(x: u8) -> Result<u8, Failure> { if x == 0 { return Ok(0); } Ok(Box::pin(f(x - 1)).await? + x) } }
        item { pub fn g(x: u8) -> Pin<Box<dyn Future<Output = Result<u8, Failure>> + Send>> { Box::pin(async move { if x == 0 { return Ok(0); } Ok(tokio::spawn(g(x - 1)).await?? + x) }) } }
    }
    run { (sendable(f(5)).await, g(5).await) }
}

shape! {
    mutable_borrows_across_awaits: unwind or group => { item { pub async fn f(v: &mut Vec<u8>, m: &tokio::sync::Mutex<u8>) -> u8 { let mut guard = m.lock().await; let last = v.last_mut().unwrap(); *last += 1; pause().await; *guard += *last; drop(guard); v.push(0); v.len() as u8 } } }
    run { let mut v = vec![1]; let m = tokio::sync::Mutex::new(0); (sendable(f(&mut v, &m)).await, v, m.into_inner()) }
}

shape! {
    future_that_is_not_send: unwind or group => { item { pub async fn f(x: std::rc::Rc<u8>) -> u8 { let cell = std::cell::RefCell::new(*x); let b = cell.borrow_mut(); pause().await; *b } } }
    run { f(std::rc::Rc::new(1)).await }
}

shape! {
    values_that_coerce_to_the_return_type: unwind recover group => {
        item { pub async fn f(x: u8) -> Result<Box<dyn Display>, Box<dyn std::error::Error + Send + Sync + 'static>> { if x == 0 { return Ok(Box::new("zero")); } if x == 1 { return Err(Box::new(Failure("one".into()))); } Ok(Box::new(x)) } }
        item { pub async fn g(x: &[u8; 2]) -> Result<&[u8], BoxError> { if x[0] == 0 { return Ok(&x[..1]); } Ok(x) } }
    }
    run { (f(0).await.unwrap().to_string(), f(1).await.map(|x| x.to_string()).map_err(|e| e.to_string()), f(2).await.unwrap().to_string(), g(&[1, 2]).await.unwrap().to_vec()) }
}

shape! {
    coerced_without_a_result: unwind group => {
        item { pub async fn f(x: &'static [u8; 2]) -> &'static [u8] { x } }
        item { pub async fn g(x: u8) -> Box<dyn Fn(u8) -> u8 + Send> { if x == 0 { Box::new(|y| y) } else { Box::new(move |y| y + x) } } }
        item { pub async fn h(x: u8) -> Option<Box<dyn Debug + Send>> { match x { 0 => None, 1 => Some(Box::new("one")), _ => Some(Box::new(x)) } } }
        item { pub async fn i() -> fn(u8) -> u8 { |x| x + 1 } }
    }
    run { (f(&[1, 2]).await, g(0).await(1), g(2).await(1), format!("{:?}{:?}", h(1).await, h(2).await), i().await(1)) }
}

shape! {
    inferred_from_the_return_type: unwind recover group => {
        item { pub async fn f(x: &str) -> Result<Vec<u16>, Failure> { let v = x.split(',').map(|p| p.parse().map_err(Into::into)).collect::<Result<_, Failure>>(); pause().await; v } }
        item { pub async fn g(x: u8) -> Result<std::collections::HashMap<u8, String>, Failure> { Ok(std::iter::once((x, x.to_string())).collect()) } }
        item { pub async fn h() -> Result<u64, Failure> { Ok(Default::default()) } }
    }
    run { (f("1,2").await, g(1).await, h().await) }
}

shape! {
    destructors_run_in_order: unwind or group => {
        own { pub struct D<'a>(pub u8, pub &'a Mutex<Vec<u8>>); impl Drop for D<'_> { fn drop(&mut self) { self.1.lock().unwrap().push(self.0); } } }
        item { pub async fn f<'a>(_a: D<'a>, b: D<'a>, _: D<'a>, log: &'a Mutex<Vec<u8>>) -> u8 { let _c = D(4, log); let _ = D(5, log); pause().await; drop(b); log.lock().unwrap().len() as u8 } }
    }
    run { let log = Mutex::new(vec![]); let n = f(D(1, &log), D(2, &log), D(3, &log), &log).await; (n, log.into_inner().unwrap()) }
}

shape! {
    empty_and_unit_bodies: unwind recover group => {
        item { pub async fn f() {} }
        item { pub async fn g() -> () { () } }
        item { pub async fn h() { ; ; } }
        item { #[allow(clippy::unused_unit)] pub async fn i() -> () { pause().await } }
        item { pub async fn j() { { { pause().await; } } } }
    }
    run { (f().await, g().await, h().await, i().await, j().await) }
}
