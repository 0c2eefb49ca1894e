//! How deeply tokens nest, found out without recursion.
//!
//! syn reads by recursion, and so does every visitor. rustc gives a macro 8 MiB of stack that cannot grow, and a macro
//! that overflows it takes the compiler with it, without a message. So what would come near is refused before it is read.
//!
//! Neither of the two simpler bounds suffices. One on the nesting of delimiters alone misses `& & …`, `Option<Option<…` and
//! `return return …`, which nest without any. One on the tokens of a statement would have to be about 100, as some of them
//! cost 60 KiB of stack: fewer than ordinary chains of methods have. More stack would take a crate that is built by a C
//! compiler, and proc macros cannot leave their thread. So five costs are added up along the way to a token, in KiB:
//! measured in a macro built without optimizations, which is how cargo builds it, by nesting one construct until rustc
//! overflowed, and rounded up.

use proc_macro2::{Delimiter, Spacing, Span, TokenStream, TokenTree};

use crate::scan::macros::is_read;

/// Three quarters of what there is.
const BUDGET: usize = 6 * 1024;
/// Whatever stands between delimiters.
const GROUP: usize = 48;
/// `<` that has its `>`.
const GENERICS: usize = 72;
/// `&`, `*`, `!` and their like before an operand.
const PREFIX: usize = 48;
/// `return`, `=`, a bar of a closure: the rest of the statement is nested in it.
const KEYWORD: usize = 12;
/// One more in a chain of operators or methods.
const OPERATOR: usize = 5;

/// Refuses what is nested too deeply to be read.
///
/// # Errors
///
/// At the token where it gets too deep.
pub fn check(attribute: &str, tokens: &TokenStream) -> syn::Result<()> {
    too_deep(tokens).map_or(Ok(()), |span| {
        Err(syn::Error::new(
            span,
            format_args!(
                "too deep for `#[{attribute}]`: it reads {} levels of nesting, or {} operators in one expression; move what is inside into a function of its own",
                BUDGET / GROUP,
                BUDGET / OPERATOR,
            ),
        ))
    })
}

/// The first token that is nested too deeply.
fn too_deep(tokens: &TokenStream) -> Option<Span> {
    let mut levels = vec![Level::new(tokens.clone(), 0, true)];
    while let Some(level) = levels.last_mut() {
        let Some(token) = level.tokens.get(level.next).cloned() else {
            levels.pop();
            continue;
        };
        let inner = match &token {
            TokenTree::Group(group) => Some((
                level.cost() + GROUP,
                level.read && reads(&level.tokens[..level.next], group.delimiter()),
            )),
            _ => None,
        };
        if level.read {
            level.pass(&token);
        }
        level.next += 1;
        if inner.map_or_else(|| level.cost(), |(cost, _)| cost) > BUDGET {
            return Some(match &token {
                TokenTree::Group(group) => group.span_open(),
                token => token.span(),
            });
        }
        if let (Some((cost, read)), TokenTree::Group(group)) = (inner, &token) {
            levels.push(Level::new(group.stream(), cost, read));
        }
    }
    None
}

/// The tokens between two delimiters.
struct Level {
    tokens: Vec<TokenTree>,
    next: usize,
    /// Whether they are read as code, and not kept as the input of a macro.
    read: bool,
    /// What stands around them costs.
    around: usize,
    /// What the statement, or the element of a list, costs so far.
    run: usize,
    /// The `<` and `>` that belong together, by their indices.
    angles: Vec<bool>,
    /// How many of them are open.
    open: usize,
    /// Whether an operator would stand behind an operand.
    operand: bool,
}

impl Level {
    fn new(tokens: TokenStream, around: usize, read: bool) -> Self {
        let tokens: Vec<_> = tokens.into_iter().collect();
        let angles = if read { angles(&tokens) } else { Vec::new() };
        Self {
            tokens,
            next: 0,
            read,
            around,
            run: 0,
            angles,
            open: 0,
            operand: false,
        }
    }

    fn cost(&self) -> usize {
        self.around + self.run + self.open * GENERICS
    }

    /// Goes past a token.
    fn pass(&mut self, token: &TokenTree) {
        let behind = std::mem::replace(&mut self.operand, true);
        match token {
            TokenTree::Literal(_) => {}
            TokenTree::Group(_) => {
                if ends_statement(&self.tokens, self.next) {
                    self.run = 0;
                    self.operand = false;
                } else if behind && !matches!(self.tokens[self.next - 1], TokenTree::Ident(_)) {
                    // A call of what a call returned, an index.
                    self.run += OPERATOR;
                }
            }
            TokenTree::Ident(name) => match &*name.to_string() {
                "return" | "break" | "yield" => {
                    self.operand = false;
                    self.run += KEYWORD;
                }
                "else" | "as" => {
                    self.operand = false;
                    self.run += OPERATOR;
                }
                "let" | "async" | "move" | "static" | "const" | "unsafe" | "in" | "if"
                | "while" | "match" | "mut" | "dyn" | "impl" | "for" | "where" => {
                    self.operand = false;
                }
                _ => {}
            },
            TokenTree::Punct(punct) => {
                // The second character of an operator stands behind what the first one does, and costs nothing more.
                let second = behind
                    && matches!(
                        self.next.checked_sub(1).map(|before| &self.tokens[before]),
                        Some(TokenTree::Punct(first))
                            if first.spacing() == Spacing::Joint && first.as_char() != '?'
                    );
                self.operand = behind && punct.spacing() == Spacing::Joint;
                match punct.as_char() {
                    ';' | ',' => {
                        self.run = 0;
                        self.operand = false;
                    }
                    '<' if self.angles[self.next] => {
                        self.open += 1;
                        self.operand = false;
                    }
                    '>' if self.angles[self.next] => {
                        self.open -= 1;
                        self.operand = true;
                    }
                    '>' if follows(&self.tokens, self.next, '=') => self.run = 0,
                    '?' => {
                        self.operand = true;
                        self.run += OPERATOR;
                    }
                    ':' | '\'' | '#' | '$' => {}
                    _ if second => {}
                    '=' | '|' if !behind || punct.spacing() == Spacing::Alone => {
                        self.run += KEYWORD;
                    }
                    '&' | '*' | '!' | '-' if !behind => self.run += PREFIX,
                    _ => self.run += OPERATOR,
                }
            }
        }
    }
}

/// Whether a group here is read as code: not if it is the input of a macro that is kept as it is.
fn reads(before: &[TokenTree], delimiter: Delimiter) -> bool {
    match before {
        // `macro_rules! name { … }`
        [.., TokenTree::Ident(name), bang, TokenTree::Ident(_)]
        | [.., TokenTree::Ident(name), bang]
            if is(bang, '!') =>
        {
            is_read(name) || delimiter == Delimiter::None
        }
        _ => true,
    }
}

/// Whether the group here, in braces, is the end of a statement.
fn ends_statement(tokens: &[TokenTree], at: usize) -> bool {
    let TokenTree::Group(group) = &tokens[at] else {
        return false;
    };
    let goes_on = match tokens.get(at + 1) {
        Some(TokenTree::Punct(punct)) => punct.as_char() != '#',
        Some(TokenTree::Ident(word)) => word == "else" || word == "as",
        _ => false,
    };
    group.delimiter() == Delimiter::Brace && !goes_on
}

/// Which `<` have a `>`, and which `>` a `<`, in the same statement. The others compare: rustc has read the item before an
/// attribute sees it.
fn angles(tokens: &[TokenTree]) -> Vec<bool> {
    let mut angles = vec![false; tokens.len()];
    let mut open = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if is(token, '<') {
            open.push(at);
        } else if is(token, '>') {
            // `->` and `=>` close nothing.
            let arrow = follows(tokens, at, '-') || follows(tokens, at, '=');
            if !arrow && let Some(begin) = open.pop() {
                angles[begin] = true;
                angles[at] = true;
            }
        } else if is(token, ';') || ends_statement(tokens, at) {
            open.clear();
        }
    }
    angles
}

/// Whether the token here continues an operator that this character begins.
fn follows(tokens: &[TokenTree], at: usize, first: char) -> bool {
    matches!(
        at.checked_sub(1).map(|before| &tokens[before]),
        Some(TokenTree::Punct(punct)) if punct.as_char() == first && punct.spacing() == Spacing::Joint
    )
}

fn is(token: &TokenTree, character: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == character)
}

#[cfg(test)]
mod tests {
    use proc_macro2::Group;

    use super::*;

    fn refused(text: &str) -> bool {
        too_deep(&text.parse().unwrap()).is_some()
    }

    fn nested(before: &str, inner: &str, after: &str, depth: usize) -> String {
        format!(
            "fn f() {{ {}{inner}{} }}",
            before.repeat(depth),
            after.repeat(depth)
        )
    }

    #[test]
    fn what_people_write_is_read() {
        for (before, inner, after, depth) in [
            ("{", "", "}", 120),
            ("match x { _ => {", "1", "}}", 60),
            ("f(|| {", "1", "})", 45),
            ("tokio::spawn(async move {", "", "});", 60),
            ("let x: ", "Vec<Vec<Vec<u8>>>", ";", 1),
            ("Option<", "u8", ">", 80),
            ("x += a.b(c)?.d(e).f() * 2;", "", "", 10_000),
            ("A | B => a < b && c > d, ", "", "", 10_000),
            ("a < b, ", "", "", 10_000),
            ("if a < b { c }", "", "if a > b { c }", 1_000),
            ("fn g<T>(x: &T) -> &T where T: A<B> { x }", "", "", 1_000),
            ("|a, b| a + b, ", "", "", 1_000),
            (".m()", "", "", 1_000),
            ("1 << 2, ", "", "", 1_000),
            ("a && ", "b", "", 1_000),
            ("if a { b } else ", "{ c }", "", 800),
            ("html! {", "<a> + </a>", "}", 40),
            ("<li> &x </li> + ", "", "", 1),
        ] {
            let text = nested(before, inner, after, depth);
            assert!(!refused(&text), "{before} {inner} {after} {depth}");
        }
        let page = format!("fn f() {{ html! {{ {} }} }}", "<a> & b </a>".repeat(10_000));
        assert!(!refused(&page));
    }

    #[test]
    fn what_would_overflow_the_stack_is_refused() {
        // Each of these depths is below the one that overflows 8 MiB.
        for (before, inner, after, depth) in [
            ("{", "", "}", 200),
            ("(", "1", ")", 200),
            ("fn g() {", "", "}", 150),
            ("f(|| {", "1", "})", 100),
            ("Option<", "u8", ">", 120),
            ("(A, Option<", "u8", ">)", 70),
            ("& ", "u8", "", 180),
            ("*const ", "u8", "", 180),
            ("|| ", "1", "", 400),
            ("||", "1", "", 400),
            ("&&", "1", "", 100),
            ("x = ", "1", "", 800),
            ("return ", "1", "", 700),
            ("! ", "true", "", 1_500),
            ("x.m()", ".m()", ".m()", 1_500),
            ("1 + ", "1", "", 1_500),
            ("x()", "", "()", 1_500),
            ("if a { b } else ", "{ c }", "", 1_500),
            ("vec![", "", "]", 200),
            ("other! {", "", "}", 200),
        ] {
            let text = nested(before, inner, after, depth);
            assert!(refused(&text), "{before} {inner} {after} {depth}");
        }
    }

    #[test]
    fn ten_thousand_levels_are_walked_without_recursion() {
        let mut tokens = TokenStream::new();
        for _ in 0..10_000 {
            tokens = TokenTree::Group(Group::new(Delimiter::Brace, tokens)).into();
        }
        assert!(too_deep(&tokens).is_some());
    }
}
