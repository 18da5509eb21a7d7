use std::time::Duration;

use coap::Code;

use super::Bench;

/// Two groups of two devices, and one thing that happens to the first after ten seconds.
fn with_incident(profile: &str, incident: &str) -> Bench {
    Bench::registered(&format!(
        r#"{{"groups":[{{"name":"a","count":2,"profile":"{profile}"}},{{"name":"b","count":2}}],
            "events":[{{"at_s":10,"group":"a","do":{incident}}}]}}"#
    ))
}

#[test]
fn a_power_outage_silences_a_group_until_it_boots() {
    let mut bench = with_incident("meter", r#"{"power-outage":{"for_s":30}}"#);
    bench.registers.clear();
    bench.observe(0, "/3/0/13");
    bench.run(Duration::from_secs(12));
    bench.notifications.clear();
    bench.run(Duration::from_secs(15));
    assert!(bench.notifications.is_empty() && bench.registers.is_empty());
    bench.run(Duration::from_secs(20));
    assert_eq!(bench.registers.keys().copied().collect::<Vec<_>>(), [0, 1]);
    assert!(bench.notifications.is_empty(), "a device that booted knows no observation");
}

#[test]
fn after_a_network_loss_a_device_goes_on_as_if_nothing_had_happened() {
    let mut bench = with_incident("meter", r#"{"network-loss":{"for_s":20}}"#);
    bench.registers.clear();
    bench.observe(1, "/3/0/13");
    bench.run(Duration::from_secs(11));
    bench.notifications.clear();
    bench.run(Duration::from_secs(15));
    assert!(bench.notifications.is_empty());
    bench.run(Duration::from_secs(20));
    assert!(bench.notifications.len() > 10 && bench.registers.is_empty());
}

#[test]
fn a_spike_passes_and_a_step_stays() {
    let temperature = |bench: &mut Bench| -> f64 { bench.read(0, "/3303/0/5700").parse().unwrap() };
    for (incident, stays) in [
        (r#"{"spike":{"path":"/3303/0/5700","by":20,"for_s":5}}"#, false),
        (r#"{"step":{"path":"/3303/0/5700","by":20}}"#, true),
    ] {
        let mut bench = with_incident("sensor", incident);
        let before = temperature(&mut bench);
        bench.run(Duration::from_secs(11));
        let during = temperature(&mut bench);
        assert!(during > before + 15.0, "{before} {during}");
        bench.run(Duration::from_secs(10));
        assert_eq!(temperature(&mut bench) > before + 15.0, stays);
    }
}

#[test]
fn c_049_a_raised_error_is_seen_and_reset() {
    let mut bench = with_incident("meter", r#"{"error-raised":{"code":8}}"#);
    assert_eq!(bench.read(0, "/3/0/11/0"), "0");
    bench.run(Duration::from_secs(11));
    assert_eq!(bench.read(0, "/3/0/11/0"), "8");
    assert_eq!(bench.execute(0, "/3/0/12"), Code::CHANGED);
    assert_eq!(bench.read(0, "/3/0/11/0"), "0");
    assert_eq!(bench.read(1, "/3/0/11/0"), "8", "the other device still has it");
    assert_eq!(bench.read(2, "/3/0/11/0"), "0", "the other group never had it");
}

#[test]
fn a_reboot_of_a_group_registers_it_anew() {
    let mut bench = with_incident("meter", r#""reboot""#);
    bench.registers.clear();
    bench.run(Duration::from_secs(12));
    assert_eq!(bench.registers.keys().copied().collect::<Vec<_>>(), [0, 1]);
}

#[test]
fn an_event_can_happen_again_and_again() {
    let mut bench =
        Bench::registered(r#"{"groups":[{"name":"a"}],"events":[{"at_s":10,"every_s":100,"do":"reboot"}]}"#);
    let mut registered = 0;
    for _ in 0..4 {
        bench.registers.clear();
        bench.run(Duration::from_secs(100));
        registered += bench.registers.len();
    }
    assert_eq!(registered, 4);
}
