use std::collections::{BTreeSet, VecDeque};

use console_api::{Label, Operation, OperationRequest, OperationResponse, ValueContent};
use leptos::prelude::*;
use lwm2m_codec::Path;

use super::{Selection, details, forget, label, list};
use crate::answers::{code_name, is_success, meaning};
use crate::api::{self, Failure, Operated};
use crate::format;

/// Devices that are asked at a time: a server and a network with other things to do.
const PARALLEL: usize = 8;

/// Devices of one page when everything that matches is meant.
const PAGE: usize = 5_000;

/// Devices that one job is about at most; beyond, it is refused and a filter has to choose.
const DEVICES: usize = 100_000;

/// Results that are listed; all of them can be copied.
const LISTED: usize = 200;

/// Values of an answer that its line shows.
const VALUES_SHOWN: usize = 4;

/// What is done with each of the selected devices.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum BulkOperation {
    Read(Path),
    Observe(Path),
    Tag { add: Vec<String>, remove: Vec<String> },
    Forget,
}

/// What came of it for one device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BulkResult {
    pub(crate) endpoint: String,
    pub(crate) succeeded: bool,
    /// CoAP response code, or the word of the server for what happened instead.
    pub(crate) code: String,
    pub(crate) text: String,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Job {
    pub(crate) operation: BulkOperation,
    /// None until it is known who is meant.
    pub(crate) total: Option<usize>,
    pub(crate) done: usize,
    pub(crate) failed: usize,
    /// Results that are listed: failures first, and as many others as there is room for.
    pub(crate) listed: Vec<BulkResult>,
    /// Nobody else is asked.
    pub(crate) stopped: bool,
    /// Why nothing was done at all.
    pub(crate) refused: Option<String>,
    pub(crate) finished: bool,
}

/// The job of this tab; there is one at a time, and it goes on while other pages are open.
#[derive(Clone, Copy, Default)]
pub(crate) struct Bulk {
    pub(crate) job: RwSignal<Option<Job>>,
    results: StoredValue<Vec<BulkResult>>,
    waiting: StoredValue<VecDeque<String>>,
    /// Devices that are being asked.
    asking: StoredValue<usize>,
}

impl BulkOperation {
    /// `Read /3/0`
    pub(crate) fn title(&self) -> String {
        match self {
            Self::Read(path) => format!("Read {path}"),
            Self::Observe(path) => format!("Observe {path}"),
            Self::Tag { .. } => "Change tags".into(),
            Self::Forget => "Forget".into(),
        }
    }
}

impl Job {
    fn new(operation: BulkOperation) -> Self {
        Self {
            operation,
            total: None,
            done: 0,
            failed: 0,
            listed: Vec::new(),
            stopped: false,
            refused: None,
            finished: false,
        }
    }

    fn add(&mut self, result: &BulkResult) {
        self.done += 1;
        if !result.succeeded {
            let at = self.failed.min(self.listed.len());
            self.failed += 1;
            if at < LISTED {
                self.listed.insert(at, result.clone());
                self.listed.truncate(LISTED);
            }
        } else if self.listed.len() < LISTED {
            self.listed.push(result.clone());
        }
    }

    /// `34 of 120 devices, 2 failed`
    pub(crate) fn progress(&self) -> String {
        if let Some(refused) = &self.refused {
            return refused.clone();
        }
        let Some(total) = self.total else { return "Asking the server which devices are meant…".into() };
        let done = format!("{} of {}", format::count(self.done as u64), format::plural(total, "device"));
        let failed = match self.failed {
            0 => String::new(),
            failed => format!(", {} failed", format::count(failed as u64)),
        };
        let left = match total.saturating_sub(self.done) {
            left @ 1.. if self.finished && self.stopped => {
                format!(", {} not asked", format::count(left as u64))
            }
            _ => String::new(),
        };
        format!("{done}{failed}{left}")
    }
}

impl Bulk {
    pub(crate) fn is_running(self) -> bool {
        self.job.with(|job| job.as_ref().is_some_and(|job| !job.finished))
    }

    /// Does it with every selected device, a few at a time.
    pub(crate) fn start(self, operation: BulkOperation, selection: Selection) {
        if untrack(|| self.is_running()) {
            return;
        }
        self.results.update_value(Vec::clear);
        self.job.set(Some(Job::new(operation.clone())));
        leptos::task::spawn_local(async move {
            match who(&selection).await {
                Ok(endpoints) => {
                    let workers = PARALLEL.min(endpoints.len());
                    let stopped = self.job.with_untracked(|job| job.as_ref().is_some_and(|job| job.stopped));
                    self.change(|job| {
                        job.total = Some(endpoints.len());
                        job.finished = workers == 0 || stopped;
                    });
                    if !stopped {
                        self.waiting.set_value(endpoints.into());
                        self.asking.set_value(workers);
                        for _ in 0..workers {
                            leptos::task::spawn_local(self.work(operation.clone()));
                        }
                    }
                }
                Err(refused) => self.change(|job| {
                    job.refused = Some(refused);
                    job.finished = true;
                }),
            }
        });
    }

    /// Those that are being asked right now are waited for.
    pub(crate) fn stop(self) {
        self.waiting.update_value(VecDeque::clear);
        self.change(|job| job.stopped = true);
    }

    /// All results, a line each, for a spreadsheet.
    pub(crate) fn as_text(self) -> String {
        let line = |result: &BulkResult| {
            let BulkResult { endpoint, code, text, .. } = result;
            format!("{endpoint}\t{code}\t{text}\n")
        };
        self.results.with_value(|results| results.iter().map(line).collect())
    }

    /// Asks one device after the other until none is left.
    async fn work(self, operation: BulkOperation) {
        while let Some(endpoint) = self.waiting.try_update_value(VecDeque::pop_front).flatten() {
            let result = perform(&operation, endpoint).await;
            self.change(|job| job.add(&result));
            self.results.try_update_value(|results| results.push(result));
        }
        let left = self.asking.try_update_value(|asking| {
            *asking -= 1;
            *asking
        });
        if left == Some(0) {
            self.change(|job| job.finished = true);
        }
    }

    fn change(self, change: impl FnOnce(&mut Job)) {
        self.job.try_update(|job| job.as_mut().map(change));
    }
}

/// The names of the selected devices, as they are now.
async fn who(selection: &Selection) -> Result<Vec<String>, String> {
    let (query, except) = match selection {
        Selection::Named(named) => return Ok(named.iter().cloned().collect()),
        Selection::All { query, except } => (query, except),
    };
    // A client that comes or goes meanwhile would move those after it to another page.
    let mut names = BTreeSet::new();
    let mut offset = 0;
    loop {
        let page = list(query, offset, PAGE).await.map_err(|failure| failure.message)?;
        offset += PAGE;
        names.extend(page.clients.into_iter().map(|client| client.endpoint));
        if page.total > DEVICES {
            let (total, most) = (format::count(page.total as u64), format::count(DEVICES as u64));
            return Err(format!(
                "{total} devices match, and one job takes at most {most}. Nothing was done."
            ));
        }
        if offset >= page.total {
            return Ok(names.into_iter().filter(|name| !except.contains(name)).collect());
        }
    }
}

async fn perform(operation: &BulkOperation, endpoint: String) -> BulkResult {
    match operation {
        BulkOperation::Read(path) => ask(Operation::Read, path, endpoint).await,
        BulkOperation::Observe(path) => ask(Operation::Observe, path, endpoint).await,
        BulkOperation::Tag { add, remove } => {
            let done = tag(&endpoint, add, remove).await;
            done_or_not(endpoint, done)
        }
        BulkOperation::Forget => {
            let done = forget(&endpoint).await.map(|()| "Forgotten".to_owned());
            done_or_not(endpoint, done)
        }
    }
}

async fn ask(operation: Operation, path: &Path, endpoint: String) -> BulkResult {
    match api::operate(&endpoint, &OperationRequest::new(operation, path.to_string())).await {
        Ok(Operated::Answered(response)) => answered(operation, path, endpoint, &response),
        Ok(Operated::Queued(_)) => {
            let text = "Queued: the device sleeps and is asked when it wakes".to_owned();
            BulkResult { endpoint, succeeded: true, code: "queued".to_owned(), text }
        }
        Err(failure) => {
            let more = meaning(operation, path, &failure.code);
            let text = if more.is_empty() { failure.message } else { more.to_owned() };
            BulkResult { endpoint, succeeded: false, code: failure.code, text }
        }
    }
}

fn answered(operation: Operation, path: &Path, endpoint: String, response: &OperationResponse) -> BulkResult {
    let succeeded = is_success(&response.code);
    let text = if succeeded {
        values(path, response)
    } else {
        format!("{}. {}", code_name(&response.code), meaning(operation, path, &response.code))
    };
    BulkResult { endpoint, succeeded, code: response.code.clone(), text }
}

/// `5700 21.4, 5701 Cel`: paths below the one that was asked for.
fn values(asked: &Path, response: &OperationResponse) -> String {
    if let Some(error) = &response.decode_error {
        return format!("{} The bytes: {}", error, response.payload_hex);
    }
    let asked = asked.to_string();
    let mut shown: Vec<String> = Vec::new();
    for value in response.values.iter().take(VALUES_SHOWN) {
        let below = value.path.strip_prefix(&asked).unwrap_or(&value.path).trim_start_matches('/');
        let text = match &value.value {
            ValueContent::Boolean(flag) => flag.to_string(),
            ValueContent::Integer(number) => number.to_string(),
            ValueContent::Unsigned(number) => number.to_string(),
            ValueContent::Float(number) => format::float(*number),
            ValueContent::Text(text) => text.clone(),
        };
        shown.push(if below.is_empty() { text } else { format!("{below} {text}") });
    }
    match response.values.len().saturating_sub(VALUES_SHOWN) {
        0 => shown.join(", "),
        more => format!("{}, {more} more", shown.join(", ")),
    }
}

async fn tag(endpoint: &str, add: &[String], remove: &[String]) -> Result<String, Failure> {
    let known = details(endpoint).await?;
    let mut tags = known.client.tags.clone();
    tags.retain(|tag| !remove.contains(tag));
    tags.extend(add.iter().filter(|tag| !known.client.tags.contains(tag)).cloned());
    let text = if tags.is_empty() { "No tags".into() } else { tags.join(", ") };
    if tags != known.client.tags {
        label(endpoint, &Label { name: known.client.name, tags, notes: known.notes }).await?;
    }
    Ok(text)
}

fn done_or_not(endpoint: String, done: Result<String, Failure>) -> BulkResult {
    match done {
        Ok(text) => BulkResult { endpoint, succeeded: true, code: "done".into(), text },
        Err(Failure { code, message, .. }) => BulkResult { endpoint, succeeded: false, code, text: message },
    }
}

#[cfg(test)]
mod tests {
    use console_api::DecodedValue;

    use super::*;

    fn result(name: usize, succeeded: bool) -> BulkResult {
        BulkResult { endpoint: name.to_string(), succeeded, code: "2.05".into(), text: String::new() }
    }

    #[test]
    fn failures_are_listed_whatever_else_there_is() {
        let mut job = Job::new(BulkOperation::Forget);
        assert!(job.progress().starts_with("Asking"));
        job.total = Some(2 * LISTED);
        for name in 0..2 * LISTED {
            job.add(&result(name, name % 4 != 3));
        }
        assert_eq!((job.done, job.failed, job.listed.len()), (2 * LISTED, LISTED / 2, LISTED));
        assert!(job.listed[..LISTED / 2].iter().all(|result| !result.succeeded));
        assert!(job.listed[LISTED / 2..].iter().all(|result| result.succeeded));
        assert_eq!(job.progress(), "400 of 400 devices, 100 failed");
        job.total = Some(500);
        job.stopped = true;
        job.finished = true;
        assert_eq!(job.progress(), "400 of 500 devices, 100 failed, 100 not asked");
    }

    #[test]
    fn an_answer_is_one_line() {
        let value = |path: &str, value| DecodedValue {
            path: path.into(),
            value_type: "float".into(),
            value,
            time_s: None,
        };
        let mut response = OperationResponse { code: "2.05".into(), ..OperationResponse::default() };
        response.values = vec![
            value("/3303/0/5700", ValueContent::Float(21.5)),
            value("/3303/0/5701", ValueContent::Text("Cel".into())),
        ];
        let read = |path: Path| answered(Operation::Read, &path, "a".into(), &response);
        assert_eq!(read(Path::instance(3303, 0)).text, "5700 21.5, 5701 Cel");
        assert!(read(Path::instance(3303, 0)).succeeded);
        response.values.truncate(1);
        assert_eq!(values(&Path::resource(3303, 0, 5700), &response), "21.5");
        response.code = "4.04".into();
        let missing = answered(Operation::Read, &Path::resource(3, 0, 99), "a".into(), &response);
        assert!(!missing.succeeded && missing.text.starts_with("Not Found. The client has no such Resource"));
    }
}
