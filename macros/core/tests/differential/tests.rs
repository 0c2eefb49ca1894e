//! What the judges of the analysis once got wrong themselves.

use crate::{
    grow, oracle,
    tree::{Arm, Block, Body, Expr, Node, Pat, Stmt},
};

/// A body of one variable, `h`, and one spawn.
fn body(stmts: Vec<Stmt>) -> Body {
    Body {
        vars: vec!["h".to_owned()],
        sites: 1,
        block: Block { stmts, tail: None },
    }
}

fn bound() -> Stmt {
    let work = Box::new(Expr::Plain("work(n)"));
    Stmt::Let(
        Pat::Var(0),
        Some(Expr::Spawn(0, "tokio::spawn", work)),
        None,
    )
}

#[test]
fn a_variable_that_is_aborted_has_its_handle_still() {
    let abort = || Stmt::Expr(Expr::LetGo("$.abort()", Box::new(Expr::Var(0))));
    let ends = oracle::truth(&body(vec![bound(), abort()])).expect("it is Rust");
    assert!(ends.leaks(0, false));
    let never = Stmt::Expr(Expr::Diverge("loop {}"));
    let never = oracle::truth(&body(vec![bound(), abort(), never])).expect("it is Rust");
    assert!(!never.may_leak(0, false));
}

#[test]
fn what_a_statement_drops_is_not_the_value_of_an_arm() {
    let naked = |expr: &Expr| match expr {
        Expr::Match(_, arms) => arms
            .iter()
            .any(|Arm { body, .. }| !matches!(body, Expr::Block(..)) && grow::has_value(body)),
        _ => false,
    };
    for seed in (0..3000).chain([88_025_469]) {
        let mut body = grow::grow(&mut fastrand::Rng::with_seed(seed));
        let mut nodes = body.block.nodes();
        while let Some(node) = nodes.pop() {
            match node {
                Node::Block(block) => nodes.extend(block.nodes()),
                Node::Expr(expr) => {
                    assert!(!naked(expr), "{seed}");
                    nodes.extend(expr.nodes());
                }
            }
        }
    }
}
