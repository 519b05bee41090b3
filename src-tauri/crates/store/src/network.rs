//! Whether a folder lies on a drive that other computers can write too.
//!
//! SQLite's write-ahead log needs shared memory of one machine; on such a drive two computers would each believe
//! themselves alone. Linux is asked by its mount table, Windows by the shape of the path; macOS is not asked.

use std::path::Path;

/// File systems of which more than one computer may be a client.
const NETWORK: &[&str] = &[
    "9p", "afs", "beegfs", "ceph", "cifs", "coda", "gpfs", "lustre", "ncpfs", "nfs", "nfs4", "ocfs2", "orangefs",
    "prl_fs", "pvfs2", "smb3", "smbfs", "vboxsf", "vmhgfs",
];
/// The same, behind FUSE.
const NETWORK_FUSE: &[&str] = &[
    "ceph",
    "curlftpfs",
    "davfs",
    "davfs2",
    "gcsfuse",
    "glusterfs",
    "goofys",
    "gvfsd-fuse",
    "juicefs",
    "mfs",
    "moosefs",
    "rclone",
    "s3fs",
    "sshfs",
    "vmhgfs-fuse",
];

/// Gives the kind of the network drive a folder lies on, or `None`.
#[cfg(target_os = "linux")]
pub(crate) fn kind(folder: &Path) -> Option<String> {
    kind_in(&std::fs::read_to_string("/proc/self/mountinfo").ok()?, folder)
}

/// Gives the kind of the network drive a folder lies on, or `None`.
#[cfg(not(target_os = "linux"))]
pub(crate) fn kind(folder: &Path) -> Option<String> {
    let text = folder.to_string_lossy();
    let is_share = text.starts_with(r"\\") && !text.starts_with(r"\\?\") && !text.starts_with(r"\\.\");
    (is_share || text.starts_with(r"\\?\UNC\")).then(|| "share".to_owned())
}

/// Finds the mount a folder lies on: the longest mount point that contains it, the latest of equal ones.
#[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "only Linux has a mount table"))]
fn kind_in(mount_table: &str, folder: &Path) -> Option<String> {
    let mount = |line: &str| {
        let (left, right) = line.split_once(" - ")?;
        let point = unescaped(left.split(' ').nth(4)?);
        let kind = right.split(' ').next()?.to_owned();
        folder.starts_with(&point).then_some((point.len(), kind))
    };
    let (_, kind) = mount_table.lines().filter_map(mount).max_by_key(|(length, _)| *length)?;
    let is_network = match kind.strip_prefix("fuse.") {
        Some(program) => NETWORK_FUSE.contains(&program),
        None => NETWORK.contains(&kind.as_str()),
    };
    is_network.then_some(kind)
}

/// Undoes the four escapes of the mount table.
fn unescaped(point: &str) -> String {
    point.replace(r"\040", " ").replace(r"\011", "\t").replace(r"\012", "\n").replace(r"\134", r"\")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
40 27 0:50 / /home/anna rw,relatime shared:1 - nfs4 files:/anna rw
41 40 0:51 / /home/anna/local\\040disk rw - ext4 /dev/vdb rw
42 27 0:52 / /mnt/pc rw - 9p C: rw
43 27 0:53 / /mnt/remote rw - fuse.sshfs anna@host: rw
44 27 0:54 / /mnt/usb rw - fuse.ntfs-3g /dev/sdb1 rw
45 27 0:55 / /mnt/over rw - ext4 /dev/vdc rw
46 45 0:56 / /mnt/over rw - cifs //host/share rw
";

    #[test]
    fn the_innermost_and_newest_mount_decides() {
        let kind = |folder: &str| kind_in(TABLE, Path::new(folder));
        assert_eq!(kind("/home/anna/profile").as_deref(), Some("nfs4"));
        assert_eq!(kind("/home/anna/local disk/profile"), None);
        assert_eq!(kind("/home/annabel/profile"), None);
        assert_eq!(kind("/mnt/pc/x").as_deref(), Some("9p"));
        assert_eq!(kind("/mnt/remote").as_deref(), Some("fuse.sshfs"));
        assert_eq!(kind("/mnt/usb/x"), None);
        assert_eq!(kind("/mnt/over/x").as_deref(), Some("cifs"));
        assert_eq!(kind("/tmp"), None);
    }
}
