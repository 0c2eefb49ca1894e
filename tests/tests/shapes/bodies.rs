//! Control flow in a body, up to the never type.

use crate::support::*;

shape! {
    question_mark: unwind recover group => {
        item {
            pub async fn f(x: &str) -> Result<u8, Failure> {
                let n = x.parse::<u8>()?;
                pause().await;
                Ok(n)
            }
        }
    }
    run { (f("1").await, sendable(f("x")).await) }
}

shape! {
    question_mark_in_a_plain_function: unwind recover => {
        item { pub fn f(x: &str) -> Result<u8, Failure> { Ok(x.parse::<u8>()? + 1) } }
    }
    run { let g: fn(&str) -> Result<u8, Failure> = f; (g("1"), g("x")) }
}

shape! {
    question_mark_into_a_boxed_error: unwind recover group => {
        item {
            pub async fn f(x: &str) -> Result<u8, BoxError> {
                if x.is_empty() {
                    return Err("empty".into());
                }
                if x == "?" {
                    Err("question")?;
                }
                Ok(x.parse()?)
            }
        }
    }
    run {
        (
            f("1").await.unwrap(),
            f("").await.unwrap_err().to_string(),
            f("?").await.unwrap_err().to_string(),
            f("x").await.unwrap_err().to_string(),
        )
    }
}

shape! {
    question_mark_on_options: unwind or group => {
        item {
            pub async fn f(x: &[u8]) -> Option<u8> {
                let first = x.first()?;
                pause().await;
                Some(*first + *x.get(1)?)
            }
        }
    }
    run { (f(&[1, 2]).await, f(&[1]).await) }
}

shape! {
    io_error: unwind recover group => {
        item {
            pub async fn f(x: u8) -> std::io::Result<u8> {
                if x == 0 {
                    return Err(std::io::ErrorKind::NotFound.into());
                }
                tokio::task::spawn_blocking(move || Ok(x)).await?
            }
        }
    }
    run { (f(0).await.unwrap_err().kind(), f(1).await.unwrap()) }
}

shape! {
    labelled_breaks_with_values: unwind or group => {
        item {
            pub async fn f(x: u8) -> u8 {
                let a = 'block: {
                    if x > 3 {
                        break 'block 1;
                    }
                    pause().await;
                    2
                };
                let b = 'outer: loop {
                    for i in 0.. {
                        if i == x {
                            break 'outer i;
                        }
                        if i > 100 {
                            continue 'outer;
                        }
                    }
                };
                let mut n = 0;
                'while_: while n < 10 {
                    n += 1;
                    loop {
                        if n % 2 == 0 {
                            continue 'while_;
                        }
                        if n > 6 {
                            break 'while_;
                        }
                        break;
                    }
                }
                a + b + n
            }
        }
    }
    run { (f(1).await, f(5).await) }
}

shape! {
    let_else: unwind or group => {
        item {
            pub async fn f(x: Option<&str>) -> usize {
                let Some(y) = x else {
                    return 0;
                };
                let [a, ..] = y.as_bytes() else {
                    pause().await;
                    return 1;
                };
                usize::from(*a)
            }
        }
    }
    run { (f(None).await, f(Some("")).await, f(Some("a")).await) }
}

shape! {
    early_returns: unwind or group => {
        item {
            pub async fn f(x: u8) -> String {
                if x == 0 {
                    return "zero".to_owned();
                }
                match x {
                    1 => return String::from("one"),
                    2 => {}
                    _ => {
                        pause().await;
                        return format!("{x}");
                    }
                }
                "two".into()
            }
        }
    }
    run { (f(0).await, f(1).await, f(2).await, f(3).await) }
}

shape! {
    only_a_return: unwind or group => {
        item { #[allow(clippy::needless_return)] pub async fn f(x: u8) -> u8 { return x + 1; } }
        plain { pub fn g(x: u8) -> u8 { return x; } }
    }
    run { (f(1).await, g(2)) }
}

shape! {
    early_return_without_a_value: unwind recover group => {
        item {
            pub async fn f(x: &AtomicUsize) {
                if x.load(Ordering::SeqCst) == 0 {
                    return;
                }
                pause().await;
                tick(x)
            }
        }
    }
    run { let c = counter(); f(&c).await; tick(&c); f(&c).await; c.load(Ordering::SeqCst) }
}

shape! {
    let_chains_and_matches: unwind or group => {
        item {
            pub async fn f(x: Option<u8>, y: Result<u8, String>) -> u8 {
                if let Some(a) = x
                    && a > 1
                    && let Ok(b) = &y
                {
                    return a + b;
                }
                while let Some(a) = x {
                    if a < 9 {
                        break;
                    }
                    return 9;
                }
                match (x, y) {
                    (Some(a @ 1..=2), _) | (_, Ok(a)) if a != 0 => a,
                    (None, Err(e)) => e.len().try_into().unwrap(),
                    _ => 0,
                }
            }
        }
    }
    run {
        (f(Some(2), Ok(3)).await, f(None, Err("abc".into())).await, f(Some(1), Err(String::new())).await)
    }
}

shape! {
    never_ends_normally: unwind group => {
        item {
            #[allow(unreachable_code)]
            pub async fn f(x: u8) -> u8 {
                loop {
                    pause().await;
                    if x > 0 {
                        return x;
                    }
                }
            }
        }
    }
    run { f(1).await }
}

shape! {
    diverging_tail: unwind or group => {
        item { pub async fn f(x: u8) -> u8 { if x > 0 { return x; } panic!("never reached: {x}") } }
        plain { pub fn g(x: u8) -> u8 { if x > 0 { return x; } unreachable!() } }
    }
    run { (f(1).await, g(2)) }
}

shape! {
    never_type: unwind group => {
        item { pub async fn f() -> ! { loop { pause().await; } } }
        item {
            pub async fn g() -> u8 {
                tokio::select! { biased; () = pause() => 1, never = f() => never }
            }
        }
    }
    run { g().await }
}

shape! {
    never_type_of_a_plain_function: unwind => {
        item { pub fn f() -> ! { std::panic::resume_unwind(Box::new("out")) } }
    }
    run { let g: fn() -> ! = f; std::panic::catch_unwind(|| { g(); }).is_err() }
}

shape! {
    todo_as_the_body: unwind group => {
        item { #[allow(clippy::todo, unused_variables)] pub async fn f(x: u8) -> Vec<String> { todo!() } }
        plain { pub fn g() -> u8 { unimplemented!() } }
    }
    run { let _ = g; drop(f(1)); }
}
