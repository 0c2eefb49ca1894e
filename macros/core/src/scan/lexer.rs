//! The tokens of a file's text, as far as the names of its items ask for them.
//!
//! `TokenStream::from_str` is no help inside rustc: its spans are all those of the attribute, so that nothing can be found by
//! its place, and `syn` parses each body for nothing. Numbers, operators and literals are told apart only so far that every
//! bracket, string and comment ends where rustc ends it.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// An identifier or a keyword.
    Word(&'a str),
    /// `r#name`, which is no keyword.
    Raw(&'a str),
    Punct(u8),
    Open(u8),
    Close,
    /// A literal or a lifetime.
    Literal,
    End,
}

#[derive(Clone, Copy)]
pub struct Lexer<'a> {
    text: &'a str,
    /// Where the next token is looked for.
    pub at: usize,
    /// Where the last token began.
    pub start: usize,
}

impl<'a> Lexer<'a> {
    pub fn new(text: &'a str, at: usize) -> Self {
        Self {
            text,
            at,
            start: at,
        }
    }

    fn byte(&self, at: usize) -> u8 {
        self.text.as_bytes().get(at).copied().unwrap_or(0)
    }

    pub fn peek(&self) -> Token<'a> {
        let mut ahead = *self;
        ahead.advance()
    }

    pub fn advance(&mut self) -> Token<'a> {
        self.skip_space();
        self.start = self.at;
        if self.at >= self.text.len() {
            return Token::End;
        }
        let first = self.byte(self.at);
        match first {
            b'(' | b'[' | b'{' => {
                self.at += 1;
                Token::Open(first)
            }
            b')' | b']' | b'}' => {
                self.at += 1;
                Token::Close
            }
            b'"' => self.string(),
            b'\'' => self.quote(),
            b'0'..=b'9' => {
                self.word();
                Token::Literal
            }
            _ if is_word(first) => self.word_or_string(),
            _ => {
                self.at += 1;
                Token::Punct(first)
            }
        }
    }

    /// Goes behind the bracket that closes the one just read.
    pub fn skip_group(&mut self) {
        let mut depth = 1_usize;
        while depth > 0 {
            match self.advance() {
                Token::Open(_) => depth += 1,
                Token::Close => depth -= 1,
                Token::End => return,
                _ => {}
            }
        }
    }

    fn skip_space(&mut self) {
        let bytes = self.text.as_bytes();
        while self.at < bytes.len() {
            match bytes[self.at] {
                b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c => self.at += 1,
                b'/' if self.byte(self.at + 1) == b'/' => {
                    let rest = &bytes[self.at..];
                    self.at += rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
                }
                b'/' if self.byte(self.at + 1) == b'*' => self.skip_comment(),
                _ => return,
            }
        }
    }

    /// Block comments nest.
    fn skip_comment(&mut self) {
        let mut depth = 0_usize;
        while self.at < self.text.len() {
            match (self.byte(self.at), self.byte(self.at + 1)) {
                (b'/', b'*') => {
                    depth += 1;
                    self.at += 2;
                }
                (b'*', b'/') => {
                    depth -= 1;
                    self.at += 2;
                    if depth == 0 {
                        return;
                    }
                }
                _ => self.at += 1,
            }
        }
    }

    fn word(&mut self) -> &'a str {
        let begin = self.at;
        let bytes = self.text.as_bytes();
        while self.at < bytes.len() && is_word(bytes[self.at]) {
            self.at += 1;
        }
        &self.text[begin..self.at]
    }

    fn word_or_string(&mut self) -> Token<'a> {
        let word = self.word();
        match (word, self.byte(self.at)) {
            ("r", b'#') if is_word(self.byte(self.at + 1)) => {
                self.at += 1;
                Token::Raw(self.word())
            }
            ("r" | "br" | "cr", b'"' | b'#') => self.raw_string(),
            ("b" | "c", b'"') => self.string(),
            ("b", b'\'') => self.quote(),
            _ => Token::Word(word),
        }
    }

    fn string(&mut self) -> Token<'a> {
        self.at += 1;
        let bytes = self.text.as_bytes();
        while self.at < bytes.len() {
            match bytes[self.at] {
                b'"' => {
                    self.at += 1;
                    break;
                }
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        Token::Literal
    }

    fn raw_string(&mut self) -> Token<'a> {
        let bytes = self.text.as_bytes();
        let hashes = bytes[self.at..].iter().take_while(|b| **b == b'#').count();
        if self.byte(self.at + hashes) != b'"' {
            return Token::Literal;
        }
        self.at += hashes + 1;
        while self.at < bytes.len() {
            self.at += 1;
            if bytes[self.at - 1] == b'"'
                && bytes[self.at..]
                    .iter()
                    .take(hashes)
                    .filter(|b| **b == b'#')
                    .count()
                    == hashes
            {
                self.at += hashes;
                break;
            }
        }
        Token::Literal
    }

    /// A character or a lifetime.
    fn quote(&mut self) -> Token<'a> {
        self.at += 1;
        let mut rest = self.text[self.at..].char_indices();
        let first = rest.next().map(|(_, first)| first);
        let second = rest.next();
        match (first, second) {
            (Some('\\'), _) => {
                self.at += 2;
                let bytes = self.text.as_bytes();
                while self.at < bytes.len() && bytes[self.at] != b'\'' {
                    self.at += 1;
                }
                self.at += 1;
            }
            (Some(_), Some((length, '\''))) => self.at += length + 1,
            _ => {
                self.word();
            }
        }
        Token::Literal
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}
