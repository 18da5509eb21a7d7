//! What the ledgers say beside what the server has.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use console_api::{Command, CommandState};
use store::{Reported, Source};

use crate::{
    book::{Acknowledged, Deed, Order},
    device::hex,
    found::Found,
};

/// Of the commands that are over, so many of the newest are there in any case, whatever was accepted without anyone
/// hearing it.
const SURELY_KEPT: usize = 30;

/// What came up, and what is wrong.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    pub(crate) wrong: Vec<String>,
    pub(crate) registrations: u64,
    pub(crate) updates: u64,
    pub(crate) notifications: u64,
    pub(crate) sends: u64,
    /// Acknowledged after a restart only, and begun before it.
    pub(crate) over_restart: u64,
    /// Of these, stored before it: the acknowledgement was what the restart came before.
    pub(crate) known_again: u64,
    /// Observations that a Reset ended before the server had acknowledged anything of them.
    pub(crate) unknown_resets: u64,
    pub(crate) executes: u64,
    pub(crate) writes: u64,
    pub(crate) accepted: u64,
    pub(crate) answered: u64,
    pub(crate) commands: BTreeMap<CommandState, u64>,
}

impl Verdict {
    pub(crate) fn compare(
        devices: &BTreeMap<String, Vec<Deed>>,
        operators: &[Vec<Order>],
        found: &BTreeMap<String, Found>,
    ) -> Self {
        let mut verdict = Self::default();
        for (endpoint, deeds) in devices {
            match found.get(endpoint) {
                Some(found) => verdict.device(endpoint, deeds, found),
                None => verdict.wrong.push(format!("{endpoint}: nothing was looked up")),
            }
        }
        for orders in operators {
            verdict.operator(orders, devices, found);
        }
        verdict
    }

    fn device(&mut self, endpoint: &str, deeds: &[Deed], found: &Found) {
        let mut wrong = Vec::new();
        let (mut registration, mut executed) = (None, BTreeSet::new());
        let history = History::of(&found.reported);
        wrong.extend(history.twice().map(|payload| format!("{payload} is in the history twice")));
        let mut last: BTreeMap<&str, usize> = BTreeMap::new();
        for deed in deeds {
            match deed {
                Deed::Registering => registration = None,
                Deed::Refused { what } => wrong.push(format!("refused: {what}")),
                Deed::Reset { token, known: true } => wrong.push(format!("observation {token} got a Reset")),
                Deed::Reset { known: false, .. } => self.unknown_resets += 1,
                Deed::Performed { execute: true, payload } => {
                    self.executes += 1;
                    if !executed.insert(payload) {
                        wrong.push(format!("executed twice: {payload}"));
                    }
                }
                Deed::Performed { execute: false, .. } => self.writes += 1,
                Deed::Acknowledged { what, over_stop_ms } => {
                    self.over_restart += u64::from(over_stop_ms.is_some());
                    self.known_again += u64::from(history.is_older(what, *over_stop_ms));
                    match what {
                        Acknowledged::Registration { id } => {
                            self.registrations += 1;
                            registration = Some(id);
                        }
                        Acknowledged::Update => self.updates += 1,
                        Acknowledged::Send { payload } => {
                            self.sends += 1;
                            wrong.extend(history.lacks_send(payload));
                        }
                        Acknowledged::Notification { path, .. } => {
                            self.notifications += 1;
                            match history.notification(what) {
                                Ok(at) if last.get(&**path).is_some_and(|last| *last > at) => {
                                    wrong.push(format!("not in its order: {what:?}"));
                                }
                                Ok(at) => {
                                    last.insert(path, at);
                                }
                                Err(why) => wrong.push(why),
                            }
                        }
                    }
                }
            }
        }
        if found.registration.is_none()
            || registration.is_some_and(|id| found.registration.as_ref() != Some(id))
        {
            wrong.push(format!("registered as {registration:?}, there is {:?}", found.registration));
        }
        for command in &found.commands {
            *self.commands.entry(command.state).or_default() += 1;
        }
        self.wrong.extend(wrong.into_iter().map(|what| format!("{endpoint}: {what}")));
    }

    fn operator(
        &mut self,
        orders: &[Order],
        devices: &BTreeMap<String, Vec<Deed>>,
        found: &BTreeMap<String, Found>,
    ) {
        let mut later: BTreeMap<&str, usize> = BTreeMap::new();
        let mut ended = BTreeMap::new();
        for order in orders.iter().rev() {
            let (endpoint, argument) = match order {
                Order::Over { id, state } => {
                    ended.insert(*id, *state);
                    continue;
                }
                Order::Accepted { endpoint, argument, .. } | Order::Answered { endpoint, argument, .. } => {
                    (endpoint, argument)
                }
            };
            let is_due = later.entry(endpoint).or_default();
            *is_due += 1;
            let is_due = *is_due <= SURELY_KEPT;
            let commands = found.get(endpoint).map_or(&[][..], |found| &found.commands);
            if let Order::Answered { code, execute, .. } = order {
                self.answered += 1;
                if *execute && code == "2.04" && !was_executed(&devices[endpoint], argument) {
                    self.wrong.push(format!("{endpoint}: {argument} was answered and never executed"));
                }
            } else if let Order::Accepted { id, .. } = order {
                self.accepted += 1;
                let state = commands.iter().find(|command| command.id == *id).map(|command| command.state);
                match (state, ended.get(id)) {
                    (None, _) if is_due || commands.len() < Command::<()>::OVER_PER_CLIENT => {
                        self.wrong.push(format!("{endpoint}: command {id} ({argument}) is lost"));
                    }
                    (Some(state), Some(ended)) if state != *ended => {
                        self.wrong.push(format!("{endpoint}: command {id} was {ended:?}, it is {state:?}"));
                    }
                    _ => {}
                }
            }
        }
    }

    /// Whether what is compared came up at all.
    pub(crate) fn is_telling(&self) -> bool {
        let counts = [
            self.registrations,
            self.updates,
            self.notifications,
            self.sends,
            self.over_restart,
            self.known_again,
            self.executes,
            self.writes,
            self.accepted,
            self.answered,
        ];
        counts.iter().all(|count| *count > 0)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "  acknowledged to devices: {} notifications, {} Sends, {} registrations, {} Updates",
            self.notifications, self.sends, self.registrations, self.updates
        )?;
        writeln!(
            f,
            "  of these begun before a restart and acknowledged by retransmission after it: {}; \
             stored before it: {}",
            self.over_restart, self.known_again
        )?;
        writeln!(
            f,
            "  observations of which the server knew nothing yet, ended by a Reset: {}",
            self.unknown_resets
        )?;
        writeln!(f, "  performed by devices: {} Executes, {} Writes", self.executes, self.writes)?;
        write!(
            f,
            "  told to operators: {} accepted, {} answered; commands kept:",
            self.accepted, self.answered
        )?;
        for (state, count) in &self.commands {
            write!(f, " {state:?} {count}")?;
        }
        Ok(())
    }
}

fn was_executed(deeds: &[Deed], argument: &str) -> bool {
    deeds
        .iter()
        .any(|deed| matches!(deed, Deed::Performed { execute: true, payload } if payload.contains(argument)))
}

/// What came of one device, by payload: each has its own.
struct History<'a> {
    reported: BTreeMap<&'a [u8], Vec<(usize, &'a Reported)>>,
}

impl<'a> History<'a> {
    fn of(reported: &'a [Reported]) -> Self {
        let mut by_payload: BTreeMap<_, Vec<_>> = BTreeMap::new();
        // What operators have written is theirs, and may have been written again.
        let from_device = reported.iter().enumerate().filter(|(_, row)| row.source != Source::Write);
        for (at, row) in from_device {
            by_payload.entry(row.payload.as_slice()).or_default().push((at, row));
        }
        Self { reported: by_payload }
    }

    fn twice(&self) -> impl Iterator<Item = String> {
        let twice = self.reported.iter().filter(|(_, rows)| rows.len() > 1);
        twice.map(|(payload, _)| String::from_utf8_lossy(payload).into_owned())
    }

    fn lacks_send(&self, payload: &str) -> Option<String> {
        let row = self.first(payload);
        let there = row.is_some_and(|(_, row)| row.source == Source::Send);
        (!there).then(|| format!("Send {payload} was acknowledged and is lost"))
    }

    /// Where it is, as it was sent.
    fn notification(&self, what: &Acknowledged) -> Result<usize, String> {
        let Acknowledged::Notification { token, message_id, sequence, path, payload } = what else {
            return Err(format!("no notification: {what:?}"));
        };
        let Some((at, row)) = self.first(payload) else {
            return Err(format!("acknowledged and lost: {what:?}"));
        };
        let delivery = row.delivery.as_ref();
        let is_it = row.source == Source::Notify
            && row.path.to_string() == *path
            && row.confirmable
            && row.sequence == Some(*sequence)
            && delivery.is_some_and(|sent| sent.message_id == *message_id && hex(sent.token) == *token);
        if is_it { Ok(at) } else { Err(format!("acknowledged was {what:?}, stored is {row:?}")) }
    }

    /// Whether it had come before the server was stopped.
    fn is_older(&self, what: &Acknowledged, stopped_ms: Option<u64>) -> bool {
        let (Acknowledged::Send { payload } | Acknowledged::Notification { payload, .. }) = what else {
            return false;
        };
        let came = self.first(payload).map(|(_, row)| row.at.as_millis());
        came.zip(stopped_ms).is_some_and(|(came, stopped)| came < stopped)
    }

    fn first(&self, payload: &str) -> Option<(usize, &Reported)> {
        self.reported.get(payload.as_bytes())?.first().copied()
    }
}

#[cfg(test)]
mod tests {
    use coap::{Instant, Token};
    use store::Delivery;

    use super::*;

    const ENDPOINT: &str = "lamp";

    /// Two notifications, a Send and an Execute, all of them well.
    struct Case {
        deeds: Vec<Deed>,
        orders: Vec<Order>,
        found: Found,
    }

    impl Case {
        fn new() -> Self {
            let told = |what| Deed::Acknowledged { what, over_stop_ms: Some(3) };
            let executed = Deed::Performed { execute: true, payload: "0='o-1'".into() };
            Self {
                deeds: vec![
                    Deed::Registering,
                    told(Acknowledged::Registration { id: "a".into() }),
                    told(notification(1)),
                    told(notification(2)),
                    told(Acknowledged::Send { payload: "s".into() }),
                    executed,
                ],
                orders: vec![
                    Order::Answered {
                        endpoint: ENDPOINT.into(),
                        argument: "o-1".into(),
                        code: "2.04".into(),
                        execute: true,
                    },
                    Order::Accepted { endpoint: ENDPOINT.into(), id: 7, argument: "o-2".into() },
                    Order::Over { id: 7, state: CommandState::Answered },
                ],
                found: Found {
                    registration: Some("a".into()),
                    commands: vec![command(CommandState::Answered)],
                    reported: vec![stored(1), stored(2), Reported { source: Source::Send, ..payload("s") }],
                },
            }
        }

        fn wrong(self) -> Vec<String> {
            let devices = BTreeMap::from([(ENDPOINT.to_owned(), self.deeds)]);
            let found = BTreeMap::from([(ENDPOINT.to_owned(), self.found)]);
            Verdict::compare(&devices, &[self.orders], &found).wrong
        }
    }

    fn notification(number: u16) -> Acknowledged {
        Acknowledged::Notification {
            token: "0a".into(),
            message_id: number,
            sequence: number.into(),
            path: "/3303/0/5700".into(),
            payload: number.to_string(),
        }
    }

    fn stored(number: u16) -> Reported {
        let token = Token::new(&[10]).expect("a token");
        Reported {
            sequence: Some(number.into()),
            delivery: Some(Delivery { token, message_id: number }),
            ..payload(&number.to_string())
        }
    }

    fn payload(payload: &str) -> Reported {
        Reported {
            endpoint: ENDPOINT.into(),
            path: "/3303/0/5700".parse().expect("a path"),
            source: Source::Notify,
            content_format: None,
            payload: payload.as_bytes().to_vec(),
            at: Instant::from_millis(2),
            sequence: None,
            confirmable: true,
            delivery: None,
            current: true,
        }
    }

    fn command(state: CommandState) -> Command<console_api::OperationResponse> {
        let command = r#"{"id":7,"endpoint":"lamp","op":"execute","path":"/3/0/4","paths":[],"arguments":null,
            "content":null,"force":false,"author":"","created_at_ms":0,"deadline_ms":0,"timeout_ms":0,"attempts":1,
            "state":"queued","changed_at_ms":0,"answer":null,"error":null,"advice":null}"#;
        Command { state, ..serde_json::from_str(command).expect("a command") }
    }

    #[test]
    fn what_is_there_is_well() {
        assert_eq!(Case::new().wrong(), [""; 0]);
    }

    #[test]
    fn whatever_is_not_as_it_was_told_is_found() {
        type Break = fn(&mut Case);
        let breaks: [(&str, Break); 11] = [
            ("acknowledged and lost", |case| drop(case.found.reported.remove(1))),
            ("acknowledged and is lost", |case| drop(case.found.reported.remove(2))),
            ("in the history twice", |case| case.found.reported.push(stored(1))),
            ("not in its order", |case| case.found.reported.swap(0, 1)),
            ("stored is", |case| case.found.reported[0].sequence = Some(9)),
            ("registered as", |case| case.found.registration = Some("b".into())),
            ("registered as", |case| case.found.registration = None),
            ("executed twice", |case| case.deeds.push(case.deeds[5].clone())),
            ("never executed", |case| drop(case.deeds.remove(5))),
            ("is lost", |case| case.found.commands.clear()),
            ("was Answered", |case| case.found.commands = vec![command(CommandState::Queued)]),
        ];
        for (said, change) in breaks {
            let mut case = Case::new();
            change(&mut case);
            let wrong = case.wrong();
            assert!(wrong.len() == 1 && wrong[0].contains(said), "{said}: {wrong:?}");
        }
        for (known, wrong) in [(true, 1), (false, 0)] {
            let mut case = Case::new();
            case.deeds.push(Deed::Reset { token: "0a".into(), known });
            assert_eq!(case.wrong().len(), wrong);
        }
    }
}
