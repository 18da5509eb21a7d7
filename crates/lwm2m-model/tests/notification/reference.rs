//! A second reading of the rules: it looks at every second, and at every rule in each of them.

use lwm2m_codec::Value;
use lwm2m_model::notification::{ResourceState, Trigger, Verdict, would_have_notified};
use proptest::prelude::*;

use crate::drive::{conditions, drive, numbers};

#[derive(Clone, Debug, Default)]
struct Attributes {
    pmin: Option<u64>,
    pmax: Option<u64>,
    gt: Option<f64>,
    lt: Option<f64>,
    st: Option<f64>,
    epmin: Option<u64>,
    epmax: Option<u64>,
}

impl Attributes {
    fn query(&self) -> String {
        let integers =
            [("pmin", self.pmin), ("pmax", self.pmax), ("epmin", self.epmin), ("epmax", self.epmax)];
        let floats = [("gt", self.gt), ("lt", self.lt), ("st", self.st)];
        let integers = integers.iter().filter_map(|(name, value)| Some(format!("{name}={}", (*value)?)));
        let floats = floats.iter().filter_map(|(name, value)| Some(format!("{name}={}", (*value)?)));
        integers.chain(floats).collect::<Vec<_>>().join("&")
    }

    fn satisfied(&self, sent: f64, value: f64) -> bool {
        let bad_pair = matches!((self.lt, self.gt), (Some(lt), Some(gt)) if lt >= gt);
        let bad_step =
            matches!((self.lt, self.st, self.gt), (Some(lt), Some(st), Some(gt)) if lt + 2.0 * st >= gt);
        let none = self.gt.is_none() && self.lt.is_none() && self.st.is_none();
        if bad_pair || bad_step || none {
            return sent != value;
        }
        if let Some(gt) = self.gt
            && (sent <= gt) != (value <= gt)
        {
            return true;
        }
        if let Some(lt) = self.lt
            && (sent >= lt) != (value >= lt)
        {
            return true;
        }
        self.st.is_some_and(|st| sent != value && (value - sent).abs() >= st)
    }

    fn period(&self) -> Option<u64> {
        self.pmax.filter(|pmax| *pmax > 0 && *pmax >= self.pmin.unwrap_or(0))
    }

    /// What is sent until `until`, second by second.
    fn sent(&self, samples: &[(u64, f64)], until: u64) -> Vec<(u64, f64)> {
        let (start, mut value) = samples[0];
        let (mut sent_value, mut sent_at, mut evaluated_at) = (value, start, start);
        let (mut pending, mut fresh) = (false, false);
        let epmin = self.epmin.unwrap_or(0);
        let epmax = self.epmax.filter(|epmax| *epmax > 0 && self.epmin.is_none_or(|epmin| epmin < *epmax));
        let mut sent = vec![];
        for now in start + 1..=until {
            for (at, new) in samples {
                if *at == now {
                    value = *new;
                    fresh = true;
                }
            }
            let allowed = fresh && now - evaluated_at >= epmin;
            let forced = epmax.is_some_and(|epmax| now - evaluated_at >= epmax);
            if allowed || forced {
                evaluated_at = now;
                fresh = false;
                pending = pending || self.satisfied(sent_value, value);
            }
            let change = pending && now - sent_at >= self.pmin.unwrap_or(0);
            let silence = self.period().is_some_and(|pmax| now - sent_at >= pmax);
            if change || silence {
                sent.push((now, value));
                (sent_value, sent_at, pending, fresh) = (value, now, false, false);
            }
        }
        sent
    }
}

fn attributes() -> impl Strategy<Value = Attributes> {
    use proptest::option::of;
    let seconds = || of(0..20u64);
    let number = || of((-4..=4i32).prop_map(|number| f64::from(number) / 2.0));
    let step = of((0..=4u32).prop_map(|number| f64::from(number) / 2.0));
    let evaluation = prop_oneof![3 => Just((None, None)), 1 => (seconds(), seconds())];
    ((seconds(), seconds()), (number(), number(), step), evaluation).prop_map(
        |((pmin, pmax), (gt, lt, st), (epmin, epmax))| Attributes { pmin, pmax, gt, lt, st, epmin, epmax },
    )
}

/// One sample at most a second, with values that often come back.
fn samples() -> impl Strategy<Value = Vec<(u64, f64)>> {
    proptest::collection::vec((1..8u64, -5..=5i32), 1..40).prop_map(|steps| {
        let mut now = 0;
        let later = |(gap, number)| {
            now += gap;
            (now, f64::from(number) / 2.0)
        };
        steps.into_iter().map(later).collect()
    })
}

const UNTIL: u64 = 400;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn two_readings_agree(attributes in attributes(), samples in samples()) {
        let sent = drive(conditions(&attributes.query()), &numbers(&samples), UNTIL * 1_000);
        let sent: Vec<_> = sent.into_iter().map(|(at_ms, value, _)| (at_ms, value)).collect();
        prop_assert_eq!(sent, numbers(&attributes.sent(&samples, UNTIL)));
    }

    #[test]
    fn never_closer_than_pmin_and_never_later_than_pmax(attributes in attributes(), samples in samples()) {
        let sent = drive(conditions(&attributes.query()), &numbers(&samples), UNTIL * 1_000);
        let times: Vec<u64> = std::iter::once(samples[0].0 * 1_000).chain(sent.iter().map(|(at_ms, ..)| *at_ms)).collect();
        for pair in times.windows(2) {
            prop_assert!(pair[1] - pair[0] >= attributes.pmin.unwrap_or(0) * 1_000);
        }
        if let Some(pmax) = attributes.period() {
            let ends = times.iter().skip(1).copied().chain([UNTIL * 1_000]);
            prop_assert!(times.iter().zip(ends).all(|(begin, end)| end - begin <= pmax * 1_000));
        }
        // The reason is one of those that were asked for.
        for (_, _, trigger) in sent {
            let asked = match trigger {
                Trigger::GreaterThan { gt, .. } => attributes.gt == Some(gt),
                Trigger::LessThan { lt, .. } => attributes.lt == Some(lt),
                Trigger::Step { st } => attributes.st == Some(st),
                Trigger::MaximumPeriod { pmax_s } => attributes.period() == Some(u64::from(pmax_s)),
                other => other == Trigger::Changed,
            };
            prop_assert!(asked, "{trigger}");
        }
    }

    #[test]
    fn a_replay_is_what_would_have_happened(attributes in attributes(), samples in samples()) {
        let conditions = conditions(&attributes.query());
        let samples = numbers(&samples);
        let sent = drive(conditions, &samples, samples.last().unwrap().0);
        let replayed = would_have_notified(&conditions, &samples);
        let replayed: Vec<_> = replayed.iter().skip(1).map(|found| (found.at_ms, samples[found.sample].1.clone(), found.trigger)).collect();
        prop_assert_eq!(replayed, sent);
    }

    /// Whatever comes at whatever time, nothing panics, and time that is waited for is ahead.
    #[test]
    fn anything_goes(
        attributes in attributes(),
        steps in proptest::collection::vec((any::<u64>(), any::<f64>(), any::<bool>()), 0..20),
    ) {
        let mut state = ResourceState::start(0, conditions(&attributes.query()), &Value::Float(f64::NAN));
        for (now_ms, number, timeout) in steps {
            let value = Value::Float(number);
            let verdict =
                if timeout { state.handle_timeout(now_ms, &value) } else { state.sample(now_ms, &value) };
            if let Verdict::Send(_) = verdict {
                state.sent(now_ms, &value);
            }
            if let Some(deadline) = state.next_deadline() {
                let idle = state.handle_timeout(deadline.at_ms.saturating_sub(1).min(now_ms), &value);
                prop_assert!(!matches!(idle, Verdict::Send(_)) || now_ms == u64::MAX);
            }
        }
    }
}
