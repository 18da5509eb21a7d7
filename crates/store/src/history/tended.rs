use core::time::Duration;

use coap::Instant;

use super::{Day, History, files, limits, schema::Problem};

/// How often it is looked what is too old or too much.
const RETENTION_PAUSE: Duration = Duration::from_secs(1);

/// What [`History::tend`] has to say.
#[derive(Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Tended {
    /// There is something left that can be done at once.
    pub more: bool,
    /// What people should know.
    pub notices: Vec<String>,
}

impl History {
    /// Does some of what no acknowledgement waits for: makes what queries need, deletes what is too old or belongs to
    /// forgotten clients, writes logs back. Called when nothing else is to be done, and at least once a second.
    pub fn tend(&mut self, now: Instant) -> Tended {
        self.known.expire(now);
        let today = Day::of(now);
        let (mut more, mut trouble) = (false, None);
        for day in self.shared.take_damaged() {
            let problem = Problem::Unreadable;
            trouble = self.set_aside(day, &problem).err().map(|error| error.0);
        }
        for day in self.files.keys().copied().collect::<Vec<_>>() {
            match self.tend_day(day, today) {
                Ok(left) => more |= left,
                Err(problem) if problem.is_damage() => {
                    trouble = self.set_aside(day, &problem).err().map(|error| error.0);
                }
                Err(problem) => trouble = Some(format!("history of {day}: {problem}")),
            }
        }
        if now >= self.retained_until {
            self.retained_until = now + RETENTION_PAUSE;
            if let Err(error) = self.retain_only(today) {
                trouble = Some(error);
            }
        }
        if trouble != self.trouble {
            self.notices.extend(trouble.clone());
            self.trouble = trouble;
        }
        Tended { more, notices: core::mem::take(&mut self.notices) }
    }

    /// True when something is left that can be done at once.
    fn tend_day(&mut self, day: Day, today: Day) -> Result<bool, Problem> {
        let Some(file) = self.files.get(&day) else { return Ok(false) };
        let rows = (file.waiting() / 4).clamp(*limits::TENDED_ROWS.start(), *limits::TENDED_ROWS.end());
        let mut more = self.take_in(day, rows)?;
        let Some(file) = self.files.get_mut(&day) else { return Ok(more) };
        file.project(&self.decoder)?;
        more |= file.waiting() > 0 || !file.purge()?;
        let left = !more && day != today;
        file.check_point(left)?;
        if left {
            self.files.remove(&day);
        }
        Ok(more)
    }

    /// Deletes the oldest days, damaged ones too, until the others are what is to be kept.
    fn retain_only(&mut self, today: Day) -> Result<(), String> {
        let retention = *self.shared.retention();
        let kept = files::all(&self.directory).map_err(|error| error.to_string())?;
        let mut bytes: u64 = kept.iter().map(|kept| files::size_of_all(&kept.path)).sum();
        for files::Kept { day, is_aside, path } in kept.into_iter().filter(|kept| kept.day < today) {
            let size = files::size_of_all(&path);
            let is_old = day.plus(1).plus(u64::from(retention.days)) <= today;
            if !is_old && bytes <= retention.bytes {
                break;
            }
            let removed = if is_aside {
                files::remove(&path).map_err(|error| error.to_string())
            } else {
                self.unlink(day)
            };
            removed.map_err(|error| format!("{}: {error}", path.display()))?;
            bytes = bytes.saturating_sub(size);
        }
        Ok(())
    }

    /// Deletes a day. What is newest in it stays.
    fn unlink(&mut self, day: Day) -> Result<(), String> {
        while self.take_in(day, *limits::TENDED_ROWS.end()).map_err(|error| error.to_string())? {}
        // Before the rows are gone from which it could be made again.
        self.latest.check_point().map_err(|error| error.to_string())?;
        self.files.remove(&day);
        files::remove(&files::path(&self.directory, day)).map_err(|error| error.to_string())?;
        self.latest.lose(day).map_err(|error| error.to_string())
    }
}
