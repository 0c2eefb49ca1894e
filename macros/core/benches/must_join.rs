//! How long `#[must_join]` reads a function: `cargo bench -p rejoin-macros-core`.
//!
//! Bodies of 10,000, 20,000 and 40,000 statements with a tenth as many handles. Time must grow as the body does.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use rejoin_macros_core::leak::report::{Options, leaks_of};
use rejoin_macros_core::scan::Around;

/// Ten statements with one handle, which is joined among them.
fn joined_soon(body: &mut String, n: usize) {
    let _ = write!(
        body,
        "let a{n} = work({n});
         let h{n} = tokio::spawn(task(a{n}));
         if ready({n}) {{ log({n}); }} else {{ wait().await; }}
         match look({n}) {{ 1 => {{ h{n}.is_finished(); }} _ => {{}} }}
         for i in 0..{n} {{ step(i); }}
         let r{n} = h{n}.await;
         check(r{n})?;
         while busy({n}) {{ wait().await; }}
         send(a{n}).await?;
         done({n});\n"
    );
}

/// Ten statements with one handle, which stays alive.
fn joined_late(body: &mut String, n: usize) {
    let _ = write!(
        body,
        "let a{n} = work({n});
         let h{n} = tokio::spawn(task(a{n}));
         if ready({n}) {{ log({n}); }} else {{ wait().await; }}
         match look({n}) {{ 1 => {{ h{n}.is_finished(); }} _ => {{}} }}
         for i in 0..{n} {{ step(i); }}
         log(a{n});
         check(a{n});
         while busy({n}) {{ wait().await; }}
         send(a{n}).await;
         done({n});\n"
    );
}

/// The same in loops within loops, each of which gives its handle to the next round.
fn nested(body: &mut String, n: usize) {
    let _ = write!(
        body,
        "let mut h{n} = tokio::spawn(task({n}));
         'a: loop {{
             loop {{
                 for i in 0..{n} {{ if ready(i) {{ continue 'a; }} step(i); }}
                 if busy({n}) {{ h{n}.await; h{n} = tokio::spawn(task({n})); break; }}
                 while busy({n}) {{ if look({n}) {{ break 'a; }} }}
             }}
         }}
         h{n}.await;\n"
    );
}

/// Writes the statements around one handle.
type Write = fn(&mut String, usize);

fn source(statements: usize, write: Write, late: bool) -> String {
    let mut body = String::from("async fn generated() -> Result<(), Error> {");
    for n in 0..statements / 10 {
        write(&mut body, n);
    }
    if late {
        for n in 0..statements / 10 {
            let _ = writeln!(body, "h{n}.await;");
        }
    }
    body.push_str("Ok(()) }");
    body
}

fn time(source: &str) -> (Duration, usize) {
    let function: syn::ImplItemFn = syn::parse_str(source).expect("a function");
    let mut best = Duration::MAX;
    let mut leaks = 0;
    for _ in 0..5 {
        let start = Instant::now();
        leaks = leaks_of(&function, Around::Nothing, &Options::default()).len();
        best = best.min(start.elapsed());
    }
    (best, leaks)
}

fn main() {
    println!(
        "{:<28} {:>9} {:>9} {:>9}  growth",
        "body", "10,000", "20,000", "40,000"
    );
    let bodies: [(&str, Write, bool); 3] = [
        ("handles joined soon", joined_soon, false),
        ("all handles alive at once", joined_late, true),
        ("loops in loops", nested, false),
    ];
    for (name, write, late) in bodies {
        let times: Vec<_> = [10_000, 20_000, 40_000]
            .iter()
            .map(|statements| {
                let (time, leaks) = time(&source(*statements, write, late));
                assert_eq!(leaks, 0, "{name}");
                time.as_secs_f64() * 1e3
            })
            .collect();
        println!(
            "{name:<28} {:>6.1} ms {:>6.1} ms {:>6.1} ms  {:.1} {:.1}",
            times[0],
            times[1],
            times[2],
            times[1] / times[0],
            times[2] / times[1]
        );
    }
}
