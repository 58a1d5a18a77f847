//! Importing a backlog: every row is checked and staged before any is attested, and memory does not grow with the rows.

use super::{
    intake::{BadRow, Row},
    register::{Register, RegisterError, Reissue, Taken},
};

/// Rows that are staged in one transaction.
const CHUNK: usize = 4_096;

/// How many rows came, and what becomes of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// To be attested.
    pub new: u64,
    /// To be attested in place of an older attestation; among those that are new.
    pub replacing: u64,
    /// Taken before, with the same data.
    pub already: u64,
    /// Not to be attested.
    pub bad: u64,
}

impl Counts {
    /// All rows.
    pub fn rows(&self) -> u64 {
        self.new + self.already + self.bad
    }
}

/// An import on its way; dropped unless it is accepted.
pub struct Import<'a> {
    register: &'a Register,
    reissue: Reissue,
    again: bool,
    chunk: Vec<Row>,
    counts: Counts,
    tell: &'a mut (dyn FnMut(BadRow) + Send),
}

impl<'a> Import<'a> {
    /// Begins an import; `tell` hears of each row that cannot be attested. With `again`, credentials of rows that were
    /// attested before are handed out again.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn begin(
        register: &'a Register,
        reissue: Reissue,
        again: bool,
        tell: &'a mut (dyn FnMut(BadRow) + Send),
    ) -> Result<Self, RegisterError> {
        register.begin_import()?;
        Ok(Self {
            register,
            reissue,
            again,
            chunk: Vec::new(),
            counts: Counts::default(),
            tell,
        })
    }

    /// Takes the next row of the source, or its fault.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn push(&mut self, row: Result<Row, BadRow>) -> Result<(), RegisterError> {
        match row {
            Ok(row) => self.chunk.push(row),
            Err(bad) => self.bad(bad),
        }
        if self.chunk.len() >= CHUNK {
            self.stage()?;
        }
        Ok(())
    }

    /// Stages what is left, and tells how many rows came.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn check(&mut self) -> Result<Counts, RegisterError> {
        self.stage()?;
        Ok(self.counts)
    }

    /// Accepts the rows that are staged: from now on they wait to be attested.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn accept(self) -> Result<(), RegisterError> {
        self.register.accept_import()
    }

    /// Drops the rows that are staged.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn drop(self) -> Result<(), RegisterError> {
        self.register.drop_import()
    }

    fn bad(&mut self, bad: BadRow) {
        self.counts.bad += 1;
        (self.tell)(bad);
    }

    fn stage(&mut self) -> Result<(), RegisterError> {
        let rows = std::mem::take(&mut self.chunk);
        if rows.is_empty() {
            return Ok(());
        }
        let taken = self.register.stage(&rows, self.reissue)?;
        let mut again = Vec::new();
        for (row, taken) in rows.iter().zip(taken) {
            match taken {
                Taken::New => self.counts.new += 1,
                Taken::Replaces => {
                    self.counts.new += 1;
                    self.counts.replacing += 1;
                }
                Taken::Already => {
                    self.counts.already += 1;
                    again.push(&*row.reference);
                }
                Taken::Refused(column, reason) => self.bad(BadRow {
                    line: row.line,
                    column: Some(column),
                    reason,
                }),
            }
        }
        if self.again && !again.is_empty() {
            self.register.hand_out_again(again)?;
        }
        Ok(())
    }
}
