//! The same with the installation on a disk of its own, whose raw blocks are read afterwards.

use std::path::Path;
use std::process::Command;

use crate::arguments::Arguments;
use crate::judge::{Judge, report};

/// Room for ext4 and xfs, which wants 300 MB.
const DISK_BYTES: u64 = 768 << 20;

/// `None` if a disk cannot be made here.
pub(crate) fn run(arguments: &Arguments) -> Option<bool> {
    std::fs::create_dir_all(&arguments.directory).unwrap();
    let image = arguments.directory.join("image");
    let mount = arguments.directory.join("mount");
    let disk = Disk::make(&image, &mount, &arguments.file_system)?;
    let mut judge = Judge::new(arguments, mount.join("data"));
    let (mut figures, now, dead) = judge.forget();
    let files = judge.files();
    drop(disk);
    let image = std::fs::read(image).unwrap();
    figures["file_system"] = arguments.file_system.clone().into();
    figures["disk"] = judge.disk(files, image, &now, &dead);
    Some(report(figures, arguments))
}

/// A mounted loop device; unmounted when dropped.
struct Disk<'a>(&'a Path);

impl<'a> Disk<'a> {
    fn make(image: &Path, mount: &'a Path, file_system: &str) -> Option<Self> {
        std::fs::File::create_new(image).unwrap().set_len(DISK_BYTES).unwrap();
        std::fs::create_dir_all(mount).unwrap();
        let image = image.to_str().unwrap();
        let make = format!("mkfs.{file_system}");
        let made = run_quietly(&make, &["-q", image]);
        let options = ["-o", "loop,nodiscard", image, mount.to_str().unwrap()];
        if made && run_quietly("mount", &options) {
            return Some(Self(mount));
        }
        println!("skipped: a disk of its own; it needs root, {make} and a free loop device");
        None
    }
}

impl Drop for Disk<'_> {
    fn drop(&mut self) {
        let unmounted = run_quietly("umount", &[self.0.to_str().unwrap()]);
        assert!(unmounted, "umount {}", self.0.display());
    }
}

fn run_quietly(program: &str, arguments: &[&str]) -> bool {
    let output = Command::new(program).args(arguments).output();
    let good = output.as_ref().is_ok_and(|output| output.status.success());
    if !good {
        eprintln!("{program}: {output:?}");
    }
    good
}
