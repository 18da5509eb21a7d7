//! The history beside a list in memory: whatever happens, both give the same answers.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use lwm2m_codec::{ContentFormat, Path};
use proptest::{collection::vec, prelude::*};
use store::{
    Delivery, Outcome, Reported, Source,
    history::{History, HistoryReader, Order, Query, Summary},
};

use crate::fixture::{DAY_MS, NOON, all, at, delivery, of, open, points, sent, tend, text};

const EXCHANGE_LIFETIME_MS: u64 = 247_000;
const CLIENTS: [&str; 3] = ["a", "b", "ä/%"];

#[derive(Clone, Debug)]
enum Step {
    Append(Vec<New>),
    Tend,
    TendAll,
    Restart,
    Wait(u64),
    Forget(usize),
}

#[derive(Clone, Debug)]
struct New {
    client: usize,
    resource: u16,
    number: i16,
    later_ms: u64,
    form: u8,
    message_id: u16,
    current: bool,
}

fn step() -> impl Strategy<Value = Step> {
    let new =
        (0..CLIENTS.len(), 0..4_u16, -9..9_i16, 0..3000_u64, 0..6_u8, 0..4_u16, prop::bool::weighted(0.8));
    let new = new.prop_map(|(client, resource, number, later_ms, form, message_id, current)| New {
        client,
        resource,
        number,
        later_ms,
        form,
        message_id,
        current,
    });
    prop_oneof![
        8 => vec(new, 1..6).prop_map(Step::Append),
        2 => Just(Step::Tend),
        2 => Just(Step::TendAll),
        2 => Just(Step::Restart),
        3 => (0..100_000_u64).prop_map(Step::Wait),
        1 => (0..2 * DAY_MS).prop_map(Step::Wait),
        1 => (0..CLIENTS.len()).prop_map(Step::Forget),
    ]
}

impl New {
    fn reported(&self, now: u64) -> Reported {
        let (client, path) = (CLIENTS[self.client], Path::resource(3303, self.resource, 5700));
        let number = self.number;
        let mut reported = match self.form {
            // A path, a whole instance, several paths, historical values, a value from a clock that is wrong.
            0 | 1 => text(client, path, now, number.into()),
            2 => Reported {
                path: Path::instance(3303, self.resource),
                ..sent(
                    client,
                    now,
                    &format!(
                        r#"[{{"bn":"/3303/{}/","n":"5700","v":{number}}},{{"n":"5701","vs":"x"}}]"#,
                        self.resource
                    ),
                )
            },
            3 => sent(client, now, &format!(r#"[{{"n":"{path}","v":{number}}},{{"n":"/3/0/9","v":1}}]"#)),
            4 => sent(
                client,
                now,
                &format!(
                    r#"[{{"n":"{path}","v":{number},"t":-90000}},{{"n":"{path}","v":3,"t":-61.5}},{{"n":"{path}","v":4}}]"#
                ),
            ),
            _ => sent(client, now, &format!(r#"[{{"n":"{path}","v":{number},"t":4000000000}}]"#)),
        };
        reported.current = self.current;
        reported.delivery = delivery(self.message_id).filter(|_| self.message_id > 0);
        reported
    }
}

type Message = (String, Delivery, Option<u32>, Vec<u8>);

#[derive(Default)]
struct Model {
    rows: Vec<Reported>,
    latest: BTreeMap<String, BTreeMap<store::Subject, Reported>>,
    known: HashSet<Message>,
    known_until: u64,
}

fn message(reported: &Reported) -> Option<Message> {
    Some((reported.endpoint.clone(), reported.delivery?, reported.sequence, reported.payload.clone()))
}

impl Model {
    fn append(&mut self, reported: &Reported) -> Outcome {
        let known = message(reported).is_some_and(|message| self.known.contains(&message));
        if known && reported.at.as_millis() < self.known_until {
            return Outcome::Known;
        }
        self.rows.push(reported.clone());
        if reported.current {
            let of_client = self.latest.entry(reported.endpoint.clone()).or_default();
            of_client.insert(reported.subject(), reported.clone());
        }
        Outcome::Stored
    }

    fn restart(&mut self, now: u64) {
        let since = now - EXCHANGE_LIFETIME_MS;
        let recent = self.rows.iter().filter(|row| row.at.as_millis() >= since);
        self.known = recent.filter_map(message).collect();
        self.known_until = now + EXCHANGE_LIFETIME_MS;
    }

    fn forget(&mut self, endpoint: &str) {
        self.rows.retain(|row| row.endpoint != endpoint);
        self.latest.remove(endpoint);
        self.known.retain(|message| message.0 != endpoint);
    }

    fn latest(&self, endpoint: &str) -> Vec<Reported> {
        let mut latest: Vec<_> =
            self.latest.get(endpoint).into_iter().flat_map(|all| all.values()).cloned().collect();
        latest.sort_by_key(|reported| reported.at);
        latest
    }

    fn rows(&self, query: &Query) -> Vec<Reported> {
        let about = |row: &Reported, asked: &Path| {
            let named = row.subject().named;
            let paths = if named.is_empty() { vec![row.path] } else { named };
            let one_is_above = |path: &Path| path.starts_with(asked) || asked.starts_with(path);
            paths.iter().any(one_is_above)
        };
        let matches = |row: &&Reported| {
            query.endpoint.as_ref().is_none_or(|endpoint| *endpoint == row.endpoint)
                && query.path.as_ref().is_none_or(|path| about(row, path))
                && query.source.is_none_or(|source| source == row.source)
                && query.during.contains(&row.at)
        };
        self.rows.iter().filter(matches).cloned().collect()
    }

    fn buckets(&self, endpoint: &str, path: Path, from: u64, to: u64, width: u64) -> BTreeMap<u64, Summary> {
        let mut buckets: BTreeMap<u64, Summary> = BTreeMap::new();
        for row in self.rows.iter().filter(|row| row.endpoint == endpoint) {
            for point in points(row).into_iter().filter(|point| point.path == path) {
                let (at_ms, measured) = (row.at.as_millis(), point.measured.map(coap::Instant::as_millis));
                let is_sane =
                    |time: &u64| (at_ms / DAY_MS - 31..=at_ms / DAY_MS + 1).contains(&(time / DAY_MS));
                let time = measured.filter(is_sane).unwrap_or(at_ms);
                if (from..to).contains(&time) {
                    let one = Summary::of(at(time), point.number);
                    buckets.entry(time / width * width).and_modify(|all| all.add(&one)).or_insert(one);
                }
            }
        }
        buckets
    }
}

fn run(steps: &[Step], limit: usize) {
    let directory = tempfile::tempdir().expect("a directory");
    let mut now = NOON;
    let (mut history, mut model) = (open(directory.path(), now), Model::default());
    for step in steps {
        match step {
            Step::Append(new) => append(&mut history, &mut model, new, &mut now),
            Step::Tend => assert_eq!(history.tend(at(now)).notices, [""; 0]),
            Step::TendAll => assert_eq!(tend(&mut history, now), [""; 0]),
            Step::Restart => {
                drop(history);
                history = open(directory.path(), now);
                model.restart(now);
            }
            Step::Wait(milliseconds) => now += milliseconds,
            Step::Forget(client) => {
                history.forget(CLIENTS[*client]).expect("it can be forgotten");
                model.forget(CLIENTS[*client]);
            }
        }
        for client in CLIENTS {
            let latest: Vec<_> =
                history.latest(client).expect("readable").iter().map(|r| (**r).clone()).collect();
            assert_eq!(latest, model.latest(client));
        }
    }
    compare(&history.reader(), &model, limit, now);
}

fn append(history: &mut History, model: &mut Model, new: &[New], now: &mut u64) {
    let rows: Vec<_> = new
        .iter()
        .map(|new| {
            *now += new.later_ms;
            Arc::new(new.reported(*now))
        })
        .collect();
    let expected: Vec<_> = rows.iter().map(|row| model.append(row)).collect();
    assert_eq!(history.append(&rows), expected);
}

fn compare(reader: &HistoryReader, model: &Model, limit: usize, now: u64) {
    let middle = model.rows.get(model.rows.len() / 2).map_or(now, |row| row.at.as_millis());
    let paths =
        [None, Some(Path::object(3303)), Some(Path::resource(3303, 1, 5700)), Some(Path::resource(3, 0, 9))];
    for client in CLIENTS {
        for path in paths {
            for (source, during) in
                [(None, 0..u64::MAX), (Some(Source::Send), 0..middle), (None, middle..now)]
            {
                let query = Query { path, source, during: at(during.start)..at(during.end), ..of(client) };
                let mut expected = model.rows(&query);
                assert_eq!(all(reader, &query, Order::OldestFirst, limit), expected, "{query:?}");
                let of_all = Query { endpoint: None, ..query.clone() };
                assert_eq!(
                    all(reader, &of_all, Order::OldestFirst, limit),
                    model.rows(&of_all),
                    "{of_all:?}"
                );
                expected.reverse();
                assert_eq!(all(reader, &query, Order::NewestFirst, limit), expected, "{query:?}");
            }
        }
        for (from, to) in [(NOON - 3 * DAY_MS, now + 1), (middle - 5_000, middle + 70_001), (middle, middle)]
        {
            for at_most in [1, 3, 50] {
                compare_buckets(reader, model, client, (from, to), at_most);
            }
        }
    }
}

fn compare_buckets(
    reader: &HistoryReader,
    model: &Model,
    client: &str,
    (from, to): (u64, u64),
    at_most: usize,
) {
    let path = Path::resource(3303, 1, 5700);
    let found = reader.buckets(client, path, at(from)..at(to), at_most).expect("readable");
    let width = u64::try_from(found.width.as_millis()).expect("short");
    assert!(found.buckets.len() <= at_most);
    let found: Vec<_> =
        found.buckets.iter().map(|bucket| (bucket.start.as_millis(), bucket.summary)).collect();
    let expected: Vec<_> = model.buckets(client, path, from, to, width).into_iter().collect();
    assert_eq!(found, expected, "{client} {from}..{to} in {at_most}, each {width} ms");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]
    #[test]
    fn the_history_and_a_list_give_the_same_answers(steps in vec(step(), 1..40), limit in 1..12_usize) {
        run(&steps, limit);
    }
}

/// So that the forms of the model are what they are meant to be.
#[test]
fn the_forms_of_the_model_hold_numbers() {
    let new =
        |form| New { client: 0, resource: 1, number: 5, later_ms: 0, form, message_id: 0, current: true };
    let counts = [0, 2, 3, 4, 5].map(|form| points(&new(form).reported(NOON)).len());
    assert_eq!(counts, [1, 1, 2, 3, 1]);
    assert_eq!(new(3).reported(NOON).content_format, Some(ContentFormat::SENML_JSON));
}
