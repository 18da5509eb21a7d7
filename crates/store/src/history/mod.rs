//! Everything that devices have reported, in one SQLite file for each UTC day of arrival, so that forgetting the past
//! is deleting a file.
//!
//! [`History::append`] stores payloads as they came, which is all that an acknowledgement waits for. What queries
//! need besides is made from them later, by [`History::tend`]: which paths a payload is about, the numbers in it, these
//! summed up by the minute and the hour, and the newest payloads of each client. How far that is is stored with it, so
//! that a crash neither loses nor doubles anything, and every question also looks at what waits.

mod buckets;
mod cursor;
mod day;
mod dictionary;
mod file;
mod files;
mod known;
mod latest;
mod limits;
mod page;
mod projection;
mod reader;
mod retention;
mod row;
mod schema;
mod shared;
mod summary;
mod tended;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

pub use buckets::{Bucket, Buckets};
use coap::Instant;
pub use cursor::{Cursor, NoCursor};
pub use day::Day;
use file::DayFile;
use known::Known;
use latest::Latest;
pub use page::{Order, Page, Query};
pub use reader::{Extent, HistoryReader};
pub use retention::Retention;
use schema::Problem;
use shared::Shared;
pub use summary::Summary;
pub use tended::Tended;

use crate::{Outcome, Reported, StoreError};

/// Finds the numbers in a payload. It has the definitions that the client has.
pub type Decoder = Arc<dyn Fn(&Reported) -> Vec<Point> + Send + Sync>;

/// A value of a Resource or Resource Instance that is a number, or can be shown as one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    pub path: lwm2m_codec::Path,
    /// The device's own time, if the payload has one.
    pub measured: Option<Instant>,
    /// What is not finite is not kept.
    pub number: f64,
}

/// Writes the history. One thread does; [`HistoryReader`]s read meanwhile.
pub struct History {
    directory: PathBuf,
    decoder: Decoder,
    shared: Arc<Shared>,
    /// When it is looked again whether something is too old.
    retained_until: Instant,
    /// Days that are written to, or have something left to be done.
    files: BTreeMap<Day, DayFile>,
    latest: Latest,
    known: Known,
    notices: Vec<String>,
    /// What `tend` could not do the last time, so that people are told once.
    trouble: Option<String>,
}

impl History {
    /// Opens the history in a directory, which is made when it is not there. `retention` counts until an operator
    /// decides otherwise. A damaged file is moved out of the way, and the first [`Self::tend`] tells it.
    pub fn open(
        directory: &Path,
        retention: Retention,
        decoder: Decoder,
        now: Instant,
    ) -> Result<Self, StoreError> {
        let in_directory = |error| StoreError(format!("{}: {error}", directory.display()));
        std::fs::create_dir_all(directory).map_err(in_directory)?;
        let retention = Retention::read(directory).map_err(in_directory)?.unwrap_or(retention);
        let (latest, notices) = open_latest(directory)?;
        let mut history = Self {
            directory: directory.to_owned(),
            decoder,
            shared: Arc::new(Shared::new(retention)),
            retained_until: Instant::default(),
            files: BTreeMap::new(),
            latest,
            known: Known::new(now),
            notices,
            trouble: None,
        };
        let days = files::days(directory).map_err(in_directory)?;
        for day in days {
            history.resume(day, now)?;
        }
        history.remember(now)?;
        Ok(history)
    }

    /// Stores payloads, durably before it returns: those of one day all or not at all. Nothing is decoded here.
    pub fn append(&mut self, reported: &[Arc<Reported>]) -> Vec<Outcome> {
        let mut outcomes = vec![Outcome::Known; reported.len()];
        let mut by_day: BTreeMap<Day, Vec<usize>> = BTreeMap::new();
        for (index, reported) in reported.iter().enumerate() {
            if !self.known.contains(reported) {
                by_day.entry(Day::of(reported.at)).or_default().push(index);
            }
        }
        for (day, indexes) in by_day {
            let rows = || indexes.iter().map(|index| &*reported[*index]);
            let outcome = match self.append_to(day, rows) {
                Ok(()) => Outcome::Stored,
                Err(problem) => Outcome::Failed(format!("history of {day}: {problem}")),
            };
            indexes.iter().for_each(|index| outcomes[*index] = outcome.clone());
        }
        outcomes
    }

    /// The newest payload of a client for each path, and for each set of paths that payloads name themselves; oldest
    /// first.
    pub fn latest(&self, endpoint: &str) -> Result<Vec<Arc<Reported>>, StoreError> {
        let mut latest = self.latest.of(endpoint)?;
        for (day, file) in &self.files {
            for row in file.rows_of(endpoint, self.latest.reached(*day)?)? {
                if row.reported.current {
                    latest.insert(row.reported.subject(), Arc::new(row.reported));
                }
            }
        }
        let mut latest: Vec<_> = latest.into_values().collect();
        latest.sort_by_key(|reported| reported.at);
        let beyond = latest.len().saturating_sub(crate::limits::LATEST_PER_CLIENT);
        Ok(latest.split_off(beyond))
    }

    /// Those of all clients in one pass. Of one client the newer ones come later, and there may be two for a path.
    pub fn each_latest(&self, each: &mut dyn FnMut(Arc<Reported>)) -> Result<(), StoreError> {
        self.latest.each(each)?;
        for (day, file) in &self.files {
            let mut reached = self.latest.reached(*day)?;
            while reached < file.last() {
                let rows = file.rows_after(reached, *limits::TENDED_ROWS.end())?;
                let Some(last) = rows.last() else { break };
                reached = last.id;
                for row in rows.into_iter().filter(|row| row.named && row.reported.current) {
                    each(Arc::new(row.reported));
                }
            }
        }
        Ok(())
    }

    /// Nothing of a client is found any more, durably when this returns. Its rows are deleted by and by.
    pub fn forget(&mut self, endpoint: &str) -> Result<(), StoreError> {
        for day in files::days(&self.directory).map_err(|error| StoreError(error.to_string()))? {
            let forgotten = self.writable(day).and_then(|file| file.forget(endpoint).map_err(Problem::from));
            match forgotten {
                Err(problem) if problem.is_damage() => self.set_aside(day, &problem)?,
                forgotten => forgotten?,
            }
        }
        self.known.forget(endpoint);
        Ok(self.latest.forget(endpoint)?)
    }

    /// Reads what is stored, from any thread, while this goes on writing.
    pub fn reader(&self) -> HistoryReader {
        HistoryReader::new(&self.directory, Arc::clone(&self.decoder), Arc::clone(&self.shared))
    }

    fn append_to<'a, R: Iterator<Item = &'a Reported>>(
        &mut self,
        day: Day,
        rows: impl Fn() -> R,
    ) -> Result<(), Problem> {
        let appended = self.writable(day).and_then(|file| Ok(file.append(rows())?));
        match appended {
            Err(problem) if problem.is_damage() && self.set_aside(day, &problem).is_ok() => {
                Ok(self.writable(day)?.append(rows())?)
            }
            appended => appended,
        }
    }

    fn writable(&mut self, day: Day) -> Result<&mut DayFile, Problem> {
        use std::collections::btree_map::Entry;
        match self.files.entry(day) {
            Entry::Occupied(file) => Ok(file.into_mut()),
            Entry::Vacant(room) => Ok(room.insert(DayFile::open(&self.directory, day)?)),
        }
    }

    /// Looks at a day that is there, and takes its newest payloads in.
    fn resume(&mut self, day: Day, now: Instant) -> Result<(), StoreError> {
        let resumed = self.writable(day).map(|_| ()).and_then(|()| self.take_in_all(day));
        match resumed.and_then(|()| self.has_work(day, now)) {
            Err(problem) if problem.is_damage() => self.set_aside(day, &problem),
            Err(problem) => Err(StoreError(format!("history of {day}: {problem}"))),
            Ok(true) => Ok(()),
            Ok(false) => {
                self.files.remove(&day);
                Ok(())
            }
        }
    }

    /// Whether a day is to stay open: rows may still come, are to be remembered, or wait for `tend`.
    fn has_work(&self, day: Day, now: Instant) -> Result<bool, Problem> {
        let Some(file) = self.files.get(&day) else { return Ok(false) };
        Ok(day.end() > known::since(now) || file.waiting() > 0 || file.has_forgotten()?)
    }

    fn take_in_all(&mut self, day: Day) -> Result<(), Problem> {
        // A file that somebody has put in the place of a longer one.
        if self
            .files
            .get(&day)
            .is_some_and(|file| self.latest.reached(day).is_ok_and(|row| row > file.last()))
        {
            self.latest.lose(day)?;
        }
        while self.take_in(day, *limits::TENDED_ROWS.end())? {}
        Ok(())
    }

    /// Takes the newest payloads of some rows in. False when there was none.
    fn take_in(&mut self, day: Day, rows: usize) -> Result<bool, Problem> {
        let Some(file) = self.files.get(&day) else { return Ok(false) };
        let reached = self.latest.reached(day)?;
        if reached >= file.last() {
            return Ok(false);
        }
        let rows = file.rows_after(reached, rows)?;
        let reached = rows.last().map_or(file.last(), |row| row.id);
        self.latest.take_in(day, &rows, reached)?;
        Ok(true)
    }

    /// Remembers what may be sent once more.
    fn remember(&mut self, now: Instant) -> Result<(), StoreError> {
        let since = known::since(now);
        for (_, file) in self.files.iter().rev().filter(|(day, _)| day.end() > since) {
            file.rows_since(since, |reported| self.known.insert(&reported))?;
        }
        Ok(())
    }

    /// Moves a damaged file out of the way, so that everything else goes on.
    fn set_aside(&mut self, day: Day, problem: &Problem) -> Result<(), StoreError> {
        self.files.remove(&day);
        let aside = files::set_aside(&files::path(&self.directory, day)).map_err(|error| {
            StoreError(format!("history of {day}: {problem}; it cannot be moved: {error}"))
        })?;
        self.notice(format!("history of {day}: {problem}; the file is now {}", aside.display()));
        Ok(self.latest.lose(day)?)
    }

    fn notice(&mut self, notice: String) {
        if self.notices.len() < limits::NOTICES {
            self.notices.push(notice);
        }
    }
}

fn open_latest(directory: &Path) -> Result<(Latest, Vec<String>), StoreError> {
    let path = directory.join(files::LATEST);
    match Latest::open(directory) {
        Err(problem) if problem.is_damage() => {
            let aside = files::set_aside(&path)
                .map_err(|error| StoreError(format!("{}: {problem}; {error}", path.display())))?;
            let notice = format!(
                "newest payloads: {problem}; they are made anew from the history, the file is now {}",
                aside.display()
            );
            Ok((Latest::open(directory)?, vec![notice]))
        }
        latest => {
            let latest = latest.map_err(|problem| StoreError(format!("{}: {problem}", path.display())))?;
            Ok((latest, Vec::new()))
        }
    }
}
