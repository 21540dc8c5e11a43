//! Messages are written as their members are read.

use super::scalar::scalar;
use super::scanner::{Scanner, Token};
use super::text::Text;
use super::write;
use crate::fault::{Fault, Result};
use crate::schema::{Field, Kind, Label, Message};

/// Whether a value fits its field.
///
/// One that does not is read to its end all the same, since a later member of the same name
/// would replace it; only what is no JSON ends the reading.
pub type Verdict = std::result::Result<(), Fault>;

/// Which warnings a value gave.
#[derive(Clone, Copy, Default)]
pub struct Warned {
    pub snake_case: bool,
    pub enum_name: bool,
}

impl Warned {
    fn add(&mut self, other: Self) {
        self.snake_case |= other.snake_case;
        self.enum_name |= other.enum_name;
    }
}

pub struct Transcoder<'a> {
    pub scanner: Scanner<'a>,
    pub out: Vec<u8>,
    pub scratch: Vec<u8>,
    /// By the value being read.
    pub warned: Warned,
    /// Of all messages under way, innermost last.
    written: Vec<Written>,
}

/// A field's value: it reaches to the begin of the next, or to the end of the output.
struct Written {
    index: usize,
    begin: usize,
    warned: Warned,
    fault: Option<Fault>,
}

/// A message under way.
pub struct Open {
    shape: &'static Message,
    /// Where its fields begin in `written`.
    base: usize,
    /// A bit for each field.
    seen: u64,
    likely: usize,
    snake_case: bool,
}

impl<'a> Transcoder<'a> {
    pub fn new(scanner: Scanner<'a>, capacity: usize) -> Self {
        Self {
            scanner,
            out: Vec::with_capacity(capacity),
            scratch: Vec::new(),
            warned: Warned::default(),
            written: Vec::new(),
        }
    }

    /// The message whose object has just begun.
    fn message(&mut self, shape: &'static Message) -> Result<Verdict> {
        let mut open = self.open(shape);
        let mut is_first = true;
        while let Some(name) = self.scanner.member(is_first)? {
            is_first = false;
            if !self.member(&mut open, name)? {
                self.scanner.skip_value()?;
            }
        }
        Ok(self.close(&open))
    }

    pub fn open(&self, shape: &'static Message) -> Open {
        Open {
            shape,
            base: self.written.len(),
            seen: 0,
            likely: 0,
            snake_case: false,
        }
    }

    /// Write the member of this name; false where the message has none.
    #[inline]
    pub fn member(&mut self, open: &mut Open, name: Text<'a>) -> Result<bool> {
        let name = name.plain(&mut self.scratch);
        let Some((index, is_snake)) = name.and_then(|name| open.shape.find(name, open.likely))
        else {
            return Ok(false);
        };
        open.likely = index + 1;
        open.snake_case |= is_snake;
        if open.seen & 1 << index != 0 {
            self.forget(open.base, index);
        }
        open.seen |= 1 << index;
        match self.scanner.token()? {
            Token::Null => {}
            token => self.write(index, &open.shape.fields[index], token)?,
        }
        Ok(true)
    }

    #[inline]
    fn write(&mut self, index: usize, field: &'static Field, token: Token<'a>) -> Result<()> {
        let begin = self.out.len();
        self.warned = Warned::default();
        let verdict = match field.label {
            Label::One => {
                let verdict = self.item(field, token)?;
                verdict.map_err(|fault| fault.within(field.snake))
            }
            Label::Many | Label::ManyOrNull => self.items(field, token)?,
        };
        self.written.push(Written {
            index,
            begin,
            warned: self.warned,
            fault: verdict.err(),
        });
        Ok(())
    }

    /// The first fault of the message's fields.
    pub fn close(&mut self, open: &Open) -> Verdict {
        let mut warned = Warned {
            snake_case: open.snake_case,
            enum_name: false,
        };
        let mut verdict = Ok(());
        for field in self.written.drain(open.base..) {
            warned.add(field.warned);
            verdict = verdict.and(field.fault.map_or(Ok(()), Err));
        }
        self.warned = warned;
        verdict
    }

    /// A field comes again: what it was before is as if it had not been there.
    #[cold]
    fn forget(&mut self, base: usize, index: usize) {
        let fields = &self.written[base..];
        let Some(place) = fields.iter().position(|field| field.index == index) else {
            return;
        };
        let begin = fields[place].begin;
        let end = fields.get(place + 1).map_or(self.out.len(), |f| f.begin);
        self.out.drain(begin..end);
        self.written.remove(base + place);
        for field in &mut self.written[base + place..] {
            field.begin -= end - begin;
        }
    }

    #[inline]
    fn item(&mut self, field: &'static Field, token: Token<'a>) -> Result<Verdict> {
        write::varint(&mut self.out, u64::from(field.tag));
        match field.kind {
            Kind::Nested(shape) => self.nested(shape, token),
            kind => scalar(self, kind, token),
        }
    }

    fn nested(&mut self, shape: &'static Message, token: Token<'a>) -> Result<Verdict> {
        let Token::Object = token else {
            return self.refuse(&token, "must be an object");
        };
        let place = write::begin(&mut self.out);
        let verdict = self.message(shape)?;
        write::end(&mut self.out, place);
        Ok(verdict)
    }

    fn items(&mut self, field: &'static Field, token: Token<'a>) -> Result<Verdict> {
        let Token::Array = token else {
            let verdict = self.refuse(&token, "must be an array")?;
            return Ok(verdict.map_err(|fault| fault.within(field.snake)));
        };
        if !field.kind.is_packed() {
            return self.each(field, Self::item);
        }
        write::varint(&mut self.out, u64::from(field.tag));
        let place = write::begin(&mut self.out);
        let verdict = self.each(field, |own, field, token| scalar(own, field.kind, token))?;
        write::end(&mut self.out, place);
        Ok(verdict)
    }

    #[inline]
    fn each(
        &mut self,
        field: &'static Field,
        item: impl Fn(&mut Self, &'static Field, Token<'a>) -> Result<Verdict>,
    ) -> Result<Verdict> {
        let mut warned = Warned::default();
        let mut index = 0;
        while self.scanner.item(index == 0)? {
            self.warned = Warned::default();
            let verdict = match self.scanner.token()? {
                Token::Null => self.null(field),
                token => item(self, field, token)?,
            };
            if let Err(fault) = verdict {
                self.scanner.skip_items(false)?;
                return Ok(Err(fault.within_item(field.snake, index)));
            }
            warned.add(self.warned);
            index += 1;
        }
        self.warned = warned;
        Ok(Ok(()))
    }

    fn null(&mut self, field: &'static Field) -> Verdict {
        if field.label != Label::ManyOrNull {
            return Err(Fault::new("null is no item"));
        }
        write::varint(&mut self.out, u64::from(field.tag));
        self.out.push(0);
        Ok(())
    }

    /// Pass over a value that does not fit its field.
    #[cold]
    pub fn refuse(&mut self, token: &Token<'a>, why: &str) -> Result<Verdict> {
        self.scanner.skip(token)?;
        Ok(Err(Fault::new(why)))
    }
}
