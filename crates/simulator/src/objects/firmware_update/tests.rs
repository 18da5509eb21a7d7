use super::*;
use crate::profile::tests::registry;

/// The object in the tree of a device, with the time a test makes up.
struct Bench {
    firmware: FirmwareUpdate,
    tree: ObjectTree,
    now: Instant,
}

impl Bench {
    fn new(version: LwM2mVersion, fault: Option<Fault>) -> Self {
        let mut firmware = FirmwareUpdate::new(version, "4.1.7");
        firmware.set_fault(fault);
        let mut tree = ObjectTree::new(registry());
        firmware.insert_into(&mut tree).unwrap();
        Self { firmware, tree, now: Instant::from_millis(1_000_000) }
    }

    fn show(&mut self) {
        for (path, value) in self.firmware.values() {
            self.tree.set(path, value).unwrap();
        }
    }

    fn write(&mut self, path: Path, value: Value) -> Result<Option<Action>, &'static str> {
        permission(&self.tree, &path, Some(&value))?;
        let action = self.firmware.written(self.now, path, &value);
        self.show();
        Ok(action)
    }

    fn push(&mut self, package: &[u8]) -> Result<Option<Action>, &'static str> {
        self.write(PACKAGE, Value::opaque(package))
    }

    fn pull(&mut self, uri: &str) -> Result<Option<Action>, &'static str> {
        self.write(PACKAGE_URI, text(uri))
    }

    fn execute(&mut self, path: Path) -> Result<Option<Action>, &'static str> {
        permission(&self.tree, &path, None)?;
        let action = self.firmware.executed(self.now, path);
        self.show();
        Ok(action)
    }

    fn downloaded(&mut self, image: Result<&[u8], DownloadFailure>) {
        self.firmware.downloaded(self.now, image);
        self.show();
    }

    /// Lets happen what happens by itself next.
    fn wait(&mut self) -> Option<Action> {
        self.now = self.firmware.poll_timeout().expect("something is to come");
        let action = self.firmware.handle_timeout(self.now);
        self.show();
        action
    }

    /// State and Update Result, as a server reads them.
    fn seen(&self) -> (i64, i64) {
        let number = |path| match self.tree.value(&path) {
            Some(Value::Integer(number)) => *number,
            other => panic!("{other:?}"),
        };
        (number(STATE), number(UPDATE_RESULT))
    }
}

const PACKAGE_BYTES: &[u8] = b"firmware meter 5.0.0\n...";
const URI: &str = "coap://127.0.0.1:7683/image";

#[test]
fn c_048_a_pushed_package_is_installed() {
    let mut bench = Bench::new(LwM2mVersion::V1_0, None);
    assert_eq!(bench.seen(), (0, 0));
    assert_eq!(bench.push(PACKAGE_BYTES), Ok(None));
    assert_eq!(bench.seen(), (1, 0));
    assert_eq!(bench.wait(), None);
    assert_eq!(bench.seen(), (2, 0));
    assert_eq!(bench.tree.value(&PACKAGE_VERSION), Some(&text("5.0.0")));
    assert_eq!(bench.execute(UPDATE), Ok(None));
    assert_eq!(bench.seen(), (3, 0));
    assert_eq!(bench.wait(), Some(Action::Reboot { version: "5.0.0".into() }));
    assert_eq!(bench.seen(), (0, 1));
}

#[test]
fn c_048_a_package_is_pulled_from_its_uri() {
    let mut bench = Bench::new(LwM2mVersion::V1_1, None);
    assert_eq!(bench.pull(URI), Ok(Some(Action::Download { uri: URI.into() })));
    assert_eq!(bench.seen(), (1, 0));
    bench.downloaded(Ok(b"anything"));
    assert_eq!(bench.seen(), (1, 0));
    bench.wait();
    assert_eq!(bench.seen(), (2, 0));
    bench.execute(UPDATE).unwrap();
    assert_eq!(bench.wait(), Some(Action::Reboot { version: "4.1.8".into() }));
}

#[test]
fn c_048_what_the_state_rules_out_is_refused() {
    let mut bench = Bench::new(LwM2mVersion::V1_2, None);
    assert!(bench.execute(UPDATE).is_err(), "nothing is downloaded");
    assert!(bench.execute(CANCEL).is_err(), "there is nothing to cancel");
    bench.push(PACKAGE_BYTES).unwrap();
    assert!(bench.execute(UPDATE).is_err(), "the download is not complete");
    assert!(bench.push(PACKAGE_BYTES).is_err());
    bench.wait();
    assert!(bench.pull(URI).is_err(), "the other image must go first");
    bench.execute(UPDATE).unwrap();
    for refused in [bench.execute(UPDATE), bench.execute(CANCEL), bench.push(b"\0"), bench.pull("")] {
        assert!(refused.is_err(), "it is being updated");
    }
    assert_eq!(bench.seen(), (3, 0));
}

#[test]
fn c_048_an_empty_uri_or_a_nul_package_resets() {
    for download in [false, true] {
        for reset in [(PACKAGE_URI, text("")), (PACKAGE, Value::opaque([0])), (PACKAGE, Value::opaque([]))] {
            let mut bench = Bench::new(LwM2mVersion::V1_0, None);
            bench.pull(URI).unwrap();
            if download {
                bench.downloaded(Ok(PACKAGE_BYTES));
                bench.wait();
                assert_eq!(bench.seen(), (2, 0));
            }
            let action = bench.write(reset.0, reset.1).unwrap();
            assert_eq!(action, (!download).then_some(Action::AbandonDownload));
            assert_eq!(bench.seen(), (0, 0));
            assert_eq!(bench.tree.value(&PACKAGE_VERSION), Some(&text("")), "the image is gone");
        }
    }
}

#[test]
fn c_048_since_object_version_1_1_it_can_be_cancelled() {
    let mut bench = Bench::new(LwM2mVersion::V1_2, None);
    bench.pull(URI).unwrap();
    assert_eq!(bench.execute(CANCEL), Ok(Some(Action::AbandonDownload)));
    assert_eq!(bench.seen(), (0, 10));
    bench.downloaded(Ok(PACKAGE_BYTES));
    assert_eq!(bench.seen(), (0, 10), "what comes too late does not count");
    assert!(!Bench::new(LwM2mVersion::V1_1, None).tree.contains(&CANCEL));
}

#[test]
fn c_048_faults_of_an_image_lead_to_their_results() {
    for fault in [
        Fault::NotEnoughStorage,
        Fault::OutOfMemory,
        Fault::ConnectionLost,
        Fault::IntegrityCheckFailed,
        Fault::UnsupportedPackageType,
    ] {
        let mut bench = Bench::new(LwM2mVersion::V1_0, Some(fault));
        bench.push(PACKAGE_BYTES).unwrap();
        assert_eq!(bench.seen(), (1, 0));
        bench.wait();
        assert_eq!(bench.seen(), (0, fault as i64), "{fault:?}");
        bench.firmware.set_fault(None);
        bench.push(PACKAGE_BYTES).unwrap();
        bench.wait();
        assert_eq!(bench.seen(), (2, 0), "the next try succeeds");
    }
}

#[test]
fn c_048_faults_of_a_uri_leave_the_device_idle() {
    for fault in [Fault::InvalidUri, Fault::UnsupportedProtocol] {
        let mut bench = Bench::new(LwM2mVersion::V1_1, Some(fault));
        assert_eq!(bench.pull(URI), Ok(None), "the Write itself succeeds");
        assert_eq!(bench.seen(), (0, fault as i64));
    }
    let mut bench = Bench::new(LwM2mVersion::V1_1, Some(Fault::ConnectionLost));
    bench.pull(URI).unwrap();
    assert_eq!(bench.wait(), Some(Action::AbandonDownload));
    assert_eq!(bench.seen(), (0, 4));
}

#[test]
fn c_048_failures_of_a_real_download_lead_to_their_results() {
    for (failure, result) in [
        (DownloadFailure::InvalidUri, 7),
        (DownloadFailure::UnsupportedProtocol, 9),
        (DownloadFailure::ConnectionLost, 4),
        (DownloadFailure::NotEnoughStorage, 2),
    ] {
        let mut bench = Bench::new(LwM2mVersion::V1_1, None);
        bench.pull(URI).unwrap();
        bench.downloaded(Err(failure));
        assert_eq!(bench.seen(), (0, result));
    }
}

#[test]
fn c_048_a_failed_update_leaves_the_image() {
    let mut bench = Bench::new(LwM2mVersion::V1_0, Some(Fault::UpdateFailed));
    bench.push(PACKAGE_BYTES).unwrap();
    bench.wait();
    bench.execute(UPDATE).unwrap();
    assert_eq!(bench.wait(), None);
    assert_eq!(bench.seen(), (2, 8));
    bench.firmware.set_fault(None);
    bench.execute(UPDATE).unwrap();
    assert_eq!(bench.wait(), Some(Action::Reboot { version: "5.0.0".into() }));
    assert_eq!(bench.seen(), (0, 1));
}
