use super::*;

use LwM2mVersion::{V1_1, V1_2};

fn delete(bench: &mut Bench, at: &str) -> Code {
    bench.request(Code::DELETE, Options::new().with_path(at), b"").code
}

#[test]
fn c_033_an_instance_goes_with_all_that_belongs_to_it() {
    let mut bench = Bench::registered(V1_1);
    bench.request(Code::PUT, Options::new().with_path("/3303/1").with_query("pmax=70"), b"");
    bench.observe("/3303/1/5700", 1);
    assert_eq!(bench.event(), Event::Observed { path: path("/3303/1/5700") });
    assert_eq!(delete(&mut bench, "/3303/1"), Code::DELETED);
    assert_eq!(bench.event(), Event::Deleted { path: path("/3303/1") });
    assert_eq!(bench.event(), Event::ObservationEnded { path: path("/3303/1/5700") });
    let (update, end) = (bench.sent(), bench.sent());
    let payload = diagnostic(&update);
    assert!(payload.contains("</3303/0>") && !payload.contains("</3303/1>"), "{payload}");
    assert_eq!(end.code, Code::NOT_FOUND, "the notification that ends the observation");
    assert_eq!(bench.read("/3303/1").code, Code::NOT_FOUND);
    // What comes back under the same id is something new.
    bench.client.change(bench.now, |tree| tree.insert(path("/3303/1/5700"), Value::Float(1.0))).unwrap();
    let links = bench.read_as("/3303/1", ContentFormat::CORE_LINK);
    assert_eq!(diagnostic(&links), "</3303/1>,</3303/1/5700>");
}

#[test]
fn c_033_the_device_and_the_accounts_stay() {
    let mut bench = Bench::registered(V1_1);
    for at in ["/3/0", "/1/0", "/3303", "/3303/0/5750", "/3/0/6/0"] {
        assert_eq!(delete(&mut bench, at), Code::METHOD_NOT_ALLOWED, "{at}");
    }
    for (at, code) in [("/3303/9", Code::NOT_FOUND), ("/0/0", Code::UNAUTHORIZED), ("/9/0", Code::NOT_FOUND)]
    {
        assert_eq!(delete(&mut bench, at), code, "{at}");
    }
    bench.assert_silent();
    assert!(bench.events.is_empty());
}

#[test]
fn c_033_an_object_without_instances_stays_announced() {
    let mut bench = Bench::registered(V1_1);
    assert_eq!(delete(&mut bench, "/3311/0"), Code::DELETED);
    let update = bench.sent();
    assert!(diagnostic(&update).contains("</3311>"), "{}", diagnostic(&update));
}

#[test]
fn c_033_version_1_2_deletes_resource_instances() {
    let mut bench = Bench::registered(V1_2);
    assert_eq!(delete(&mut bench, "/3442/0/1110/0"), Code::DELETED);
    assert_eq!(bench.event(), Event::Deleted { path: path("/3442/0/1110/0") });
    assert_eq!((bench.value("/3442/0/1110/0"), bench.value("/3442/0/1110/1")), (None, Some(text("Green"))));
    for (at, code) in [
        ("/3442/0/1110/0", Code::NOT_FOUND),
        ("/3442/0/110/0", Code::METHOD_NOT_ALLOWED),
        ("/3/0/6/0", Code::METHOD_NOT_ALLOWED),
    ] {
        assert_eq!(delete(&mut bench, at), code, "{at}");
    }
    let mut older = Bench::registered(V1_1);
    assert_eq!(delete(&mut older, "/3442/0/1110/0"), Code::METHOD_NOT_ALLOWED);
}
