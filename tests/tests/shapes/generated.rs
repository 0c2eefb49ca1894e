//! Output of `macro_rules!`: fragments arrive as groups without delimiters, and whole functions come out of macros.

use crate::support::*;

macro_rules! run_in_task {
    ($future:expr) => {
        tokio::spawn($future)
    };
}
macro_rules! call {
    ($callee:path, $($arg:expr),*) => {
        $callee($($arg),*)
    };
}
macro_rules! whole {
    ($name:ident, $arg:ident, $ty:ty, $out:ty, $body:block) => {
        shape! {
            /// The parts are fragments of the macro around the shape.
            $name: unwind group => { item { pub async fn f($arg: $ty) -> $out $body } }
            run { f(Default::default()).await }
        }
    };
}

whole!(function_made_of_fragments, x, u8, u8, {
    tokio::spawn(async move { x + 1 }).await.unwrap()
});
whole!(function_with_a_result_made_of_fragments, x, String, Result<usize, Failure>, {
    let n = x.len();
    tokio::spawn(async {});
    Ok(tokio::spawn(async move { n }).await?)
});

macro_rules! expression_argument {
    ($name:ident, $future:expr, $late:expr) => {
        shape! {
            $name: unwind group => {
                item {
                    pub async fn f() -> (&'static str, u8) {
                        let h = tokio::spawn($future);
                        tokio::spawn($late);
                        (kind(&h), h.await.unwrap())
                    }
                }
            }
            run { f().await }
        }
    };
}

expression_argument!(arguments_that_are_fragments, async { 1_u8 }, pause());
expression_argument!(
    arguments_that_are_nested_fragments,
    Box::pin(async { 1_u8 }),
    async { pause().await }
);

macro_rules! callee_fragment {
    ($name:ident, $spawn:path, $expr:expr, $arg:ident) => {
        shape! {
            $name: unwind group => {
                item {
                    pub async fn f($arg: u8) -> (&'static str, u8) {
                        $spawn(async {});
                        let h = $spawn(async move { $arg });
                        $expr(async {});
                        (kind(&h), h.await.unwrap() + $expr(async move { $arg }).await.unwrap())
                    }
                }
            }
            run { f(1).await }
        }
    };
}

callee_fragment!(
    callees_that_are_fragments,
    tokio::spawn,
    tokio::task::spawn,
    x
);
callee_fragment!(
    callees_that_are_absolute_fragments,
    ::tokio::task::spawn,
    ::tokio::spawn,
    r#in
);

macro_rules! statements {
    ($name:ident, $tail:expr, $($statement:stmt);*) => {
        shape! {
            $name: unwind group => { item { pub async fn f() -> u8 { $($statement;)* $tail } } }
            run { f().await }
        }
    };
}

statements!(statements_that_are_fragments, h.await.unwrap(), let x = 1; let _ = tokio::spawn(async {}); let h = tokio::spawn(async move { x }));

macro_rules! types_and_patterns {
    ($name:ident, $pat:pat, $ty:ty, $life:lifetime, $lit:literal, $vis:vis, $bound:path, $meta:meta, $($tt:tt)*) => {
        shape! {
            $name: unwind group => {
                item {
                    #[$meta]
                    $vis async fn f<$life, T: $bound>($pat: $ty, y: &$life T) -> (u8, &$life T) {
                        tokio::spawn(async {});
                        ($lit $($tt)*, y)
                    }
                }
            }
            run { f((1, 2), &3_u8).await }
        }
    };
}

types_and_patterns!(types_and_patterns_that_are_fragments, (a, _), (u8, u8), 'x, 7, pub, Send, must_use, + a + a * 2);

shape! {
    spawns_from_a_macro_of_the_user: unwind group => {
        item {
            pub async fn f() -> (&'static str, u8) {
                let h = run_in_task!(async { 1_u8 });
                run_in_task!(pause());
                (kind(&h), h.await.unwrap() + call!(tokio::spawn, async { 2 }).await.unwrap())
            }
        }
    }
    run { f().await }
}

macro_rules! method_maker {
    ($($name:ident => $value:expr),* $(,)?) => {
        shape! {
            methods_made_by_a_macro: unwind or group => {
                own { pub struct S; }
                methods (impl S) {
                    $({
                        pub async fn $name(&self) -> u8 {
                            let value = $value;
                            tokio::spawn(async move { value }).await.unwrap()
                        }
                    })*
                }
            }
            run { (S.one().await, S.two().await) }
        }
    };
}

method_maker! { one => 1, two => 1 + 1 }

macro_rules! with_self {
    ($self_:ident, $body:block) => {
        shape! {
            self_that_is_a_fragment: unwind group => {
                own { pub struct S(pub u8); }
                methods (impl S) { { pub async fn f(&mut $self_) -> u8 $body } }
            }
            run { S(1).f().await }
        }
    };
}

with_self!(self, {
    self.0 += 1;
    let x = self.0;
    tokio::spawn(async move { x }).await.unwrap()
});

macro_rules! hygiene {
    ($name:ident, $x:ident) => {
        shape! {
            $name: unwind group => {
                item {
                    pub async fn f($x: u8) -> u8 {
                        let x = 10;
                        let h = tokio::spawn(async move { $x + x });
                        h.await.unwrap()
                    }
                }
            }
            run { f(1).await }
        }
    };
}

hygiene!(two_variables_of_the_same_name, x);

macro_rules! labels {
    ($label:lifetime) => {
        shape! {
            labels_that_are_fragments: unwind group => {
                item { pub async fn f() -> u8 { $label: loop { loop { tokio::spawn(async {}); break $label 1; } } } }
            }
            run { f().await }
        }
    };
}

labels!('out);

macro_rules! negative {
    ($a:expr, $b:expr) => {
        shape! {
            /// `$a * $b` is `(1 + 2) * 3` only while the groups stay groups.
            precedence_of_fragments: unwind group => {
                item {
                    pub async fn f() -> (i32, Vec<i32>, String, &'static str) {
                        let h = tokio::spawn(async move { $a * $b });
                        tokio::spawn(async move { -$a });
                        let v = vec![$a * $b, -$a, ($a) - $a, i32::pow($a, 2)];
                        let shown = format!("{} {x}", -$a, x = $a as u8);
                        (h.await.unwrap(), v, shown, stringify!($a * $b))
                    }
                }
            }
            run { f().await }
        }
    };
}

negative!(1 + 2, 3);

macro_rules! attribute_from_outside {
    ($(#[$meta:meta])* $name:ident) => {
        mod $name {
            use crate::support::*;
            $(#[$meta])*
            pub async fn f(x: u8) -> (&'static str, u8) {
                let h = tokio::spawn(async move { x });
                let k = kind(&h);
                (k, h.await.unwrap())
            }
        }
    };
}

attribute_from_outside!(plain_meta);
attribute_from_outside!(
    #[rejoin::guarded(on_panic = "unwind")]
    #[allow(dead_code)]
    guarded_meta
);
attribute_from_outside!(
    #[doc = "Documented."]
    #[rejoin::task_group]
    grouped_meta
);
attribute_from_outside!(
    #[rejoin::guarded(or = ("", 0))]
    recovered_meta
);

#[tokio::test]
async fn attribute_that_is_a_fragment() {
    let expected = plain_meta::f(1).await;
    assert_eq!(guarded_meta::f(1).await, expected);
    assert_eq!(grouped_meta::f(1).await, expected);
    assert_eq!(recovered_meta::f(1).await, expected);
}

macro_rules! blocks {
    ($name:ident, $before:block, $if:stmt, $value:expr, $test:expr) => {
        shape! {
            $name: unwind group => {
                item {
                    pub async fn f() -> u8 {
                        let mut x = 0;
                        $before
                        $if
                        tokio::spawn(async $before);
                        if $test { x += 1; }
                        match $value { 3 => x += 1, _ => {} }
                        unsafe_free(x) + $value
                    }
                }
                own { fn unsafe_free(x: u8) -> u8 { x } }
            }
            run { f().await }
        }
    };
}

blocks!(
    blocks_and_statements_that_are_fragments,
    { drop(String::new()) },
    if true {
        drop(vec![2])
    },
    { 3 },
    1 + 1 == 2
);

macro_rules! statements {
    ($name:ident, {$($stmt:stmt;)*} $value:expr) => {
        shape! {
            /// A statement that is a fragment has no semicolon of its own.
            $name: unwind group => { item { pub async fn f() -> usize { $($stmt)* $value } } }
            run { f().await }
        }
    };
}

statements!(
    statements_made_of_fragments,
    {
        let text = String::from("four");
        assert!(!text.is_empty());
        let task = tokio::spawn(async move { text.len() });
    }
    task.await.unwrap()
);
