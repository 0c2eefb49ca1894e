//! How deeply tokens nest, found out without recursion.
//!
//! syn reads by recursion, and so does every visitor. rustc gives a macro 8 MiB of stack that cannot grow, and a macro
//! that overflows it takes the compiler with it, without a message. So what would come near is refused before it is read.
//!
//! The costs are KiB of stack, measured in a macro built without optimizations, which is how cargo builds it, by nesting
//! one construct until rustc overflowed, and rounded up: 24 for a block in a block, 37
//! for a tuple in a tuple, 48 for a function in a function, 60 for `Option<Option<…>>`, 39 for `& &` in a type, 17 for
//! `|| ||`, 10 for `return return`, 4 for one more `+` or `.method()`.

use proc_macro2::{Delimiter, Group, Punct, Spacing, Span, TokenStream, TokenTree};

use crate::scan::macros::is_read;

/// Three quarters of what there is.
const BUDGET: usize = 6 * 1024;
const GROUP: usize = 40;
const GENERICS: usize = 72;
const REFERENCE: usize = 48;
const CLOSURE: usize = 24;
const KEYWORD: usize = 12;
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
        if let TokenTree::Group(group) = &token {
            let (cost, read) = (level.cost() + GROUP, level.reads(group));
            level.group(group);
            if cost > BUDGET {
                return Some(group.span_open());
            }
            levels.push(Level::new(group.stream(), cost, read));
        } else {
            level.token(&token);
            if level.cost() > BUDGET {
                return Some(token.span());
            }
        }
    }
    None
}

/// The tokens between two delimiters.
#[allow(
    clippy::struct_excessive_bools,
    reason = "independent facts about one place"
)]
struct Level {
    tokens: Vec<TokenTree>,
    next: usize,
    /// Whether they are read as code, and not kept as the input of a macro.
    read: bool,
    /// What stands around them costs.
    around: usize,
    /// Operators since the last separator.
    run: usize,
    /// The `<` that have a `>`, by their indices.
    pairs: Vec<bool>,
    /// How many of those are open, and how many that have none follow each other.
    open: usize,
    unclosed: usize,
    /// Between the bars of a closure.
    in_bars: bool,
    /// Whether an operator would stand behind an operand.
    operand: bool,
    /// Whether the last operator stood behind an operand.
    infix: bool,
    /// Whether the last token was a punctuation character that goes on with the next one.
    joint: Option<char>,
}

impl Level {
    fn new(tokens: TokenStream, around: usize, read: bool) -> Self {
        let tokens: Vec<_> = tokens.into_iter().collect();
        let pairs = if read { pairs(&tokens) } else { Vec::new() };
        Self {
            tokens,
            next: 0,
            read,
            around,
            run: 0,
            pairs,
            open: 0,
            unclosed: 0,
            in_bars: false,
            operand: false,
            infix: false,
            joint: None,
        }
    }

    fn cost(&self) -> usize {
        self.around + self.run + (self.open + self.unclosed) * GENERICS
    }

    /// Whether a group here is read as code.
    fn reads(&self, group: &Group) -> bool {
        let mut before = self.tokens[..self.next].iter().rev();
        let mut last = before.next();
        if matches!(last, Some(TokenTree::Ident(name)) if matches!(before.clone().next(), Some(bang) if is(bang, '!')) && name != "in")
        {
            // `macro_rules! name { … }`
            last = before.next();
        }
        let invoked = last.is_some_and(|last| is(last, '!'));
        let name = before.next();
        self.read
            && match name {
                Some(TokenTree::Ident(name)) if invoked => {
                    is_read(name) || group.delimiter() == Delimiter::None
                }
                _ => true,
            }
    }

    fn separate(&mut self) {
        self.run = 0;
        self.unclosed = 0;
        self.operand = false;
    }

    /// Goes past a group.
    fn group(&mut self, group: &Group) {
        self.next += 1;
        self.joint = None;
        self.unclosed = 0;
        if !self.read {
            return;
        }
        let braces = group.delimiter() == Delimiter::Brace;
        if !braces && self.operand && self.next >= 2 {
            // A call of what a call returned, an index.
            let named = matches!(self.tokens[self.next - 2], TokenTree::Ident(_));
            self.run += usize::from(!named) * OPERATOR;
        }
        self.operand = true;
        let goes_on = match self.tokens.get(self.next) {
            Some(TokenTree::Punct(punct)) => punct.as_char() != '#',
            Some(TokenTree::Ident(word)) => word == "else" || word == "as",
            Some(TokenTree::Group(_) | TokenTree::Literal(_)) | None => false,
        };
        if braces && !goes_on {
            self.separate();
        }
    }

    /// Goes past any other token.
    fn token(&mut self, token: &TokenTree) {
        if self.read {
            match token {
                TokenTree::Ident(name) => self.word(&name.to_string()),
                TokenTree::Literal(_) => {
                    self.unclosed = 0;
                    self.operand = true;
                }
                TokenTree::Punct(punct) => self.punct(punct),
                TokenTree::Group(_) => {}
            }
        }
        self.joint = match token {
            TokenTree::Punct(punct) if punct.spacing() == Spacing::Joint => Some(punct.as_char()),
            _ => None,
        };
        self.next += 1;
    }

    fn word(&mut self, word: &str) {
        self.operand = true;
        match word {
            "return" | "break" | "yield" => {
                self.operand = false;
                self.run += KEYWORD;
            }
            "let" | "async" | "move" | "static" | "const" | "unsafe" | "in" | "if" | "while"
            | "match" | "mut" | "dyn" | "impl" | "for" | "where" => self.operand = false,
            "fn" => self.run += REFERENCE,
            "else" | "as" => {
                self.operand = false;
                self.run += OPERATOR;
            }
            _ => {}
        }
    }

    fn punct(&mut self, punct: &Punct) {
        let (character, before) = (punct.as_char(), self.joint);
        let operand = std::mem::replace(&mut self.operand, false);
        match (before, character) {
            (_, ';') | (Some('='), '>') => {
                self.in_bars = false;
                self.open = 0;
                self.separate();
            }
            (_, ',') => {
                if !self.in_bars {
                    self.separate();
                }
            }
            // `->`
            (Some('-'), '>') => self.run += CLOSURE,
            (_, '<') => {
                if self.pairs[self.next] {
                    self.open += 1;
                } else {
                    self.unclosed += 1;
                }
                return;
            }
            (_, '>') => {
                self.open = self.open.saturating_sub(usize::from(self.pairs[self.next]));
                self.operand = true;
                return;
            }
            (_, ':' | '\'' | '#' | '$') => return,
            (_, '|') if self.in_bars => self.in_bars = false,
            (Some('|'), '|') | (Some('&'), '&') if self.infix => {}
            (_, '|') if !operand => {
                self.in_bars = true;
                self.run += CLOSURE;
            }
            // `&&` between operands is one operator, before one it is two.
            (_, '&' | '*') if !operand => self.run += REFERENCE,
            (None, '=') if punct.spacing() == Spacing::Alone => self.run += KEYWORD,
            (None, '?') => {
                self.operand = true;
                self.run += OPERATOR;
            }
            (None, _) => self.run += OPERATOR,
            (Some(_), _) => {}
        }
        self.infix = operand && before.is_none();
        self.unclosed = 0;
    }
}

/// Which `<` have a `>`, and which `>` a `<`. A pair does not reach over the end of a statement, nor over `&&` and `||`,
/// which stand between comparisons.
fn pairs(tokens: &[TokenTree]) -> Vec<bool> {
    let mut pairs = vec![false; tokens.len()];
    let mut open = Vec::new();
    let mut joint = None;
    for (index, token) in tokens.iter().enumerate() {
        let mut next = None;
        match token {
            TokenTree::Punct(punct) => {
                match (joint, punct.as_char()) {
                    (_, ';') | (Some('='), '>') | (Some('|'), '|') | (Some('&'), '&') => {
                        open.clear();
                    }
                    (Some('-'), '>') => {}
                    (_, '<') => {
                        // `::<` begins no comparison, closed or not.
                        pairs[index] = index > 0 && is(&tokens[index - 1], ':');
                        open.push(index);
                    }
                    (_, '>') => {
                        if let Some(begin) = open.pop() {
                            pairs[begin] = true;
                            pairs[index] = true;
                        }
                    }
                    _ => {}
                }
                next = (punct.spacing() == Spacing::Joint).then(|| punct.as_char());
            }
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                // `A<{ N }>` is one pair, `if a < b { … } if c > d { … }` is none.
                let closes = tokens.get(index + 1);
                if !closes.is_some_and(|token| is(token, '>') || is(token, ',')) {
                    open.clear();
                }
            }
            _ => {}
        }
        joint = next;
    }
    pairs
}

fn is(token: &TokenTree, character: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == character)
}

#[cfg(test)]
mod tests {
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
            ("Option<", "u8", "", 120),
            ("a::<b, ", "", "", 120),
            ("(A, Option<", "u8", ">)", 70),
            ("& ", "u8", "", 180),
            ("*const ", "u8", "", 180),
            ("|| ", "1", "", 400),
            ("||", "1", "", 400),
            ("&&", "1", "", 100),
            ("|a, b| ", "1", "", 400),
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
