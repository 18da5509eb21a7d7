use super::*;

fn discover(bench: &mut Bench, at: &str) -> String {
    let response = bench.read_as(at, ContentFormat::CORE_LINK);
    assert_eq!((response.code, response.options.content_format()), (Code::CONTENT, Some(40)));
    diagnostic(&response).to_owned()
}

const DEVICE_RESOURCES: &str =
    "</3/0/0>,</3/0/4>,</3/0/6>;dim=2,</3/0/9>,</3/0/11>;dim=1,</3/0/14>,</3/0/16>";

#[test]
fn c_023_objects_list_instances_and_resources() {
    let mut bench = Bench::registered(LwM2mVersion::V1_1);
    assert_eq!(discover(&mut bench, "/3"), format!("</3>,</3/0>,{DEVICE_RESOURCES}"));
    assert_eq!(
        discover(&mut bench, "/3303"),
        "</3303>;ver=1.1,</3303/0>,</3303/0/5605>,</3303/0/5700>,</3303/0/5750>,</3303/1>,</3303/1/5700>"
    );
}

#[test]
fn c_023_version_1_1_lists_resource_instances_below_instance_and_resource() {
    let mut bench = Bench::registered(LwM2mVersion::V1_1);
    assert_eq!(discover(&mut bench, "/3/0/6"), "</3/0/6>;dim=2,</3/0/6/0>,</3/0/6/1>");
    let instance = discover(&mut bench, "/3/0");
    assert!(instance.starts_with("</3/0>,</3/0/0>,"), "{instance}");
    assert!(instance.contains("</3/0/11>;dim=1,</3/0/11/0>"), "{instance}");
}

#[test]
fn c_023_version_1_0_knows_no_resource_instances() {
    let mut bench = Bench::registered(LwM2mVersion::V1_0);
    assert_eq!(discover(&mut bench, "/3/0/6"), "</3/0/6>;dim=2");
    assert_eq!(discover(&mut bench, "/3/0"), format!("</3/0>,{DEVICE_RESOURCES}"));
}

/// The table of LwM2M 1.2 Core §6.3.2.
#[test]
fn c_023_version_1_2_has_a_depth() {
    let mut bench = Bench::registered(LwM2mVersion::V1_2);
    let mut list = |at: &str, query: &str| -> Vec<usize> {
        let options = Options::new().with_path(at).with_query(query).with_accept(40);
        let response = bench.request(Code::GET, options, b"");
        let links = diagnostic(&response).split(',').map(|link| link.split('>').next().unwrap_or_default());
        // How many nodes there are of each level.
        let levels: Vec<usize> = links.map(|target| target.matches('/').count()).collect();
        (1..=4).map(|level| levels.iter().filter(|found| **found == level).count()).collect()
    };
    for (at, query, expected) in [
        ("/3", "depth=0", [1, 0, 0, 0]),
        ("/3", "depth=1", [1, 1, 0, 0]),
        ("/3", "depth=2", [1, 1, 7, 0]),
        ("/3", "depth=3", [1, 1, 7, 3]),
        ("/3", "other", [1, 1, 7, 0]),
        ("/3", "depth=4", [1, 1, 7, 0]),
        ("/3/0", "depth=0", [0, 1, 0, 0]),
        ("/3/0", "depth=1", [0, 1, 7, 0]),
        ("/3/0", "depth=2", [0, 1, 7, 3]),
        ("/3/0", "depth=3", [0, 1, 7, 3]),
        ("/3/0", "other", [0, 1, 7, 0]),
        ("/3/0/6", "depth=0", [0, 0, 1, 0]),
        ("/3/0/6", "depth=1", [0, 0, 1, 2]),
        ("/3/0/6", "depth=3", [0, 0, 1, 2]),
        ("/3/0/6", "other", [0, 0, 1, 2]),
    ] {
        assert_eq!(list(at, query), expected, "{at} {query}");
    }
    let mut older = Bench::registered(LwM2mVersion::V1_1);
    let options = Options::new().with_path("/3").with_query("depth=0").with_accept(40);
    let listed = older.request(Code::GET, options, b"");
    assert_eq!(diagnostic(&listed), format!("</3>,</3/0>,{DEVICE_RESOURCES}"), "depth came with 1.2");
}

#[test]
fn executable_resources_can_be_discovered_and_secrets_cannot() {
    let mut bench = Bench::registered(LwM2mVersion::V1_1);
    assert_eq!(discover(&mut bench, "/3/0/4"), "</3/0/4>");
    assert_eq!(bench.read_as("/0", ContentFormat::CORE_LINK).code, Code::UNAUTHORIZED);
    assert_eq!(bench.read_as("/5", ContentFormat::CORE_LINK).code, Code::NOT_FOUND);
    for at in ["/", "/3/0/6/0"] {
        assert_eq!(bench.read_as(at, ContentFormat::CORE_LINK).code, Code::METHOD_NOT_ALLOWED, "{at}");
    }
}

#[test]
fn the_well_known_resource_lists_the_objects() {
    let mut bench = Bench::registered(LwM2mVersion::V1_1);
    let response = bench.read("/.well-known/core");
    assert_eq!(response.options.content_format(), Some(40));
    assert!(diagnostic(&response).contains(r#"rt="oma.lwm2m""#));
    let post = bench.request(Code::POST, Options::new().with_path("/.well-known/core"), b"");
    assert_eq!(post.code, Code::METHOD_NOT_ALLOWED);
}
