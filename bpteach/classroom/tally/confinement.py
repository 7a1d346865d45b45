"""Take from this process, for good, what a notebook that nobody has read should not have."""

import contextlib
import ctypes
import errno
import os
import platform
import struct
import sys

WORDS = {
    "landlock": "Landlock (writes and deletes in its own folder only)",
    "seccomp": "seccomp (no new processes, no signals to others, no network)",
    "hook": "Python's audit hook (the same, as far as Python is asked)",
    "limits": "limits on memory and on the size of files",
    "refused": "{event} is refused here: a notebook may write in its own folder only, and reach nothing outside.",
}

FILE_MEGABYTES = 50

# Linux: kernel constants

_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 22, 38
_SIGKILL = 9
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_WRITE, _TRUNCATE = 1 << 1, 1 << 14
#: Landlock's rights to change files, and the version of it that knows each
_RIGHTS = [(1, _WRITE | sum(1 << bit for bit in range(4, 13))), (2, 1 << 13), (3, _TRUNCATE)]

#: Calls that are refused, by name: their numbers on x86-64 and on ARM64 (None: no such call there)
_REFUSED = {
    "fork": (57, None), "vfork": (58, None), "execve": (59, 221), "execveat": (322, 281),
    "tkill": (200, 130), "pidfd_open": (434, 434), "pidfd_send_signal": (424, 424), "pidfd_getfd": (438, 438),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "process_madvise": (440, 440), "socket": (41, 198), "truncate": (76, 45), "io_uring_setup": (425, 425),
    "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "bpf": (321, 280), "perf_event_open": (298, 241),
    "userfaultfd": (323, 282), "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    "shmget": (29, 194), "msgget": (68, 186), "semget": (64, 190), "mq_open": (240, 180), "memfd_create": (319, 279),
    "setpriority": (141, 140), "sched_setparam": (142, 118), "sched_setscheduler": (144, 119),
    "sched_setaffinity": (203, 122), "sched_setattr": (314, 274), "ioprio_set": (251, 30),
    "migrate_pages": (256, 238), "move_pages": (279, 239),
}  # fmt: skip
#: Calls that seem to succeed and do nothing, for `shutil.copy` and the like make them as well
_IGNORED = {
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452),
    "chown": (92, None), "lchown": (94, None), "fchown": (93, 55), "fchownat": (260, 54),
    "utime": (132, None), "utimes": (235, None), "futimesat": (261, None), "utimensat": (280, 88),
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7), "setxattrat": (463, 463),
    "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16), "removexattrat": (466, 466),
    "file_setattr": (469, 469),
}  # fmt: skip
#: Calls whose first argument is a process: only this one
_OWN_PROCESS = {"kill": (62, 129), "tgkill": (234, 131), "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240)}
_CLONE, _CLONE3, _PRLIMIT, _CAPSET = (56, 220), (435, 435), (302, 261), (126, 91)
_CLONE_THREAD = 0x10000
_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050000, 0x80000000

# Python's audit events, and which of their arguments are paths, each with its folder's descriptor

_CHANGES = {
    "os.remove": [(0, 1)],
    "os.rmdir": [(0, 1)],
    "os.mkdir": [(0, 2)],
    "os.rename": [(0, 2), (1, 3)],
    "os.link": [(0, 2), (1, 3)],
    "os.symlink": [(1, 2)],
    "os.truncate": [(0, None)],
    "os.chmod": [(0, 2)],
    "os.chown": [(0, 3)],
    "os.chflags": [(0, None)],
    "os.utime": [(0, 3)],
    "os.setxattr": [(0, None)],
    "os.removexattr": [(0, None)],
    "sqlite3.connect": [(0, None)],
}
_NEVER = {
    *("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "pty.spawn"),
    *("os.startfile", "os.startfile/2", "_winapi.CreateProcess", "os.kill", "os.killpg", "resource.prlimit"),
    *("socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.gethostbyname"),
    *("socket.gethostbyaddr", "winreg.CreateKey", "winreg.DeleteKey", "winreg.DeleteValue", "winreg.SetValue"),
}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def confine(folder, seconds, megabytes, *, kernel=True):
    """Confine this process; there is no way back.

    Parameters
    ----------
    folder : str
        Where it may write and delete.
    seconds : float
        Of computing.
    megabytes : float
        Of memory.
    kernel : bool
        Whether to ask the kernel as well, not Python alone.

    Returns
    -------
    list of str
        What confines it, as names of `WORDS`.
    """
    by = ["limits"] * limit(seconds, megabytes)
    if kernel and sys.platform == "linux":
        libc = ctypes.CDLL(None)
        libc.prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
        libc.prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
        machine, _ = _MACHINES.get(platform.machine(), (None, None))
        if os.geteuid() == 0 and machine is not None:
            _give_up_privileges(libc, _CAPSET[machine])
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        by += ["landlock"] * _landlock(libc, folder)
        by += ["seccomp"] * _seccomp(libc)
    _add_hook(folder, is_alone="seccomp" not in by)
    return [*by, "hook"]


def limit(seconds, megabytes):
    """Limit what this process may use, where the system can.

    Parameters
    ----------
    seconds : float
        Of computing.
    megabytes : float
        Of memory.

    Returns
    -------
    bool
        Whether the limit on memory is set.
    """
    try:
        import resource
    except ImportError:  # Windows
        return False
    limits = {"CORE": 0, "CPU": seconds + 1, "FSIZE": FILE_MEGABYTES * 1e6, "NOFILE": 256, "AS": megabytes * 1e6}
    for name, value in limits.items():
        kind = getattr(resource, f"RLIMIT_{name}")
        try:
            resource.setrlimit(kind, (int(value), int(value) + (name == "CPU")))
        except (ValueError, OSError):
            if name == "AS":
                return False
    return sys.platform == "linux"


def _give_up_privileges(libc, number):
    header = struct.pack("Ii", 0x20080522, 0)  # version 3, this process
    libc.syscall(number, header, bytes(24))


def _landlock(libc, folder):
    version = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), 1)
    if version < 1:
        return False
    rights = sum(right for least, right in _RIGHTS if version >= least)
    network = 3 if version >= 4 else 0  # TCP: bind, connect
    scope = 3 if version >= 6 else 0  # abstract sockets and signals: inside only
    attributes = struct.pack("QQQ", rights, network, scope)
    rules = libc.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    if rules < 0:
        return False
    try:
        for path, allowed in ((folder, rights), (os.devnull, rights & (_WRITE | _TRUNCATE))):
            place = os.open(path, os.O_PATH | os.O_CLOEXEC)
            done = libc.syscall(_ADD_RULE, rules, 1, struct.pack("=Qi", allowed, place), 0)
            os.close(place)
            if done != 0:
                return False
        return libc.syscall(_RESTRICT_SELF, rules, 0) == 0
    finally:
        os.close(rules)


def _seccomp(libc):
    machine, architecture = _MACHINES.get(platform.machine(), (None, None))
    if machine is None or sys.maxsize < 2**32 or sys.byteorder != "little":
        return False
    steps = _filter(machine, architecture, os.getpid())
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(steps), ctypes.addressof(code)))
    return libc.prctl(_PR_SET_SECCOMP, 2, ctypes.addressof(program), 0, 0) == 0


def _filter(machine, architecture, pid):
    """Write the filter: (code, steps to skip if true, if false, number)."""
    refuse = (_RETURN, 0, 0, _REFUSE | errno.EPERM)
    allow = (_RETURN, 0, 0, _ALLOW)
    first_argument = (_LOAD, 0, 0, 16)
    steps = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, architecture), (_RETURN, 0, 0, _KILL), (_LOAD, 0, 0, 0)]
    steps += [(_AT_LEAST, 0, 1, 0x40000000), refuse]  # x86-64's second set of numbers
    for calls, answer in ((_REFUSED, refuse), (_IGNORED, (_RETURN, 0, 0, _REFUSE))):
        for numbers in calls.values():
            if numbers[machine] is not None:
                steps += [(_EQUAL, 0, 1, numbers[machine]), answer]
    for numbers in _OWN_PROCESS.values():
        steps += [(_EQUAL, 0, 4, numbers[machine]), first_argument, (_EQUAL, 0, 1, pid), allow, refuse]
    steps += [(_EQUAL, 0, 5, _PRLIMIT[machine]), first_argument, (_EQUAL, 1, 0, pid), (_EQUAL, 0, 1, 0), allow, refuse]
    steps += [(_EQUAL, 0, 4, _CLONE[machine]), first_argument, (_ANY_BIT, 0, 1, _CLONE_THREAD), allow, refuse]
    # its flags cannot be read by a filter: as if the kernel did not know it, which makes libraries take clone
    steps += [(_EQUAL, 0, 1, _CLONE3[machine]), (_RETURN, 0, 0, _REFUSE | errno.ENOSYS)]
    return [*steps, allow]


def _add_hook(folder, *, is_alone):
    """Let Python refuse. What the hook uses is bound here, so that the notebook cannot replace it in a module."""
    real, join, is_folder = os.path.realpath, os.path.join, os.path.isdir
    encode, refused = os.fsdecode, WORDS["refused"]
    inside, null = real(folder), real(os.devnull)
    changes, never, writing = dict(_CHANGES), frozenset(_NEVER), _WRITING

    def is_inside(path, place=None):
        if isinstance(path, int):
            return True  # open already
        path = encode(path)
        if isinstance(place, int) and place >= 0:
            path = join(_folder_of(place), path)
        path = real(path)
        return path in (null, inside) or path.startswith(inside + os.sep)

    def is_allowed(event, arguments):
        if event in never:
            return False
        if event == "open":
            path, mode, flags = arguments
            writes = bool(flags & writing) or (isinstance(mode, str) and bool(set(mode) & set("wax+")))
            if writes:
                return is_inside(path)
            # a folder that is open can be written to by a path relative to it
            return not is_alone or isinstance(path, int) or is_inside(path) or not is_folder(path)
        if event in changes:
            pairs = changes[event]
            return all(is_inside(arguments[at], arguments[where] if where else None) for at, where in pairs)
        if is_alone and event in ("ctypes.dlopen", "ctypes.dlsym"):
            return (
                event == "ctypes.dlsym" and arguments[1] == "PyThreadState_SetAsyncExc"
            )  # bpteach.diagnosis.stoppable
        return True

    def hook(event, arguments):
        is_known = event == "open" or event in never or event in changes or event.startswith("ctypes.dl")
        if is_known and not is_allowed(event, arguments):
            raise PermissionError(refused.format(event=event))

    sys.addaudithook(hook)


def _folder_of(descriptor):
    """Give the path of an open folder; a path that leads nowhere if it cannot be told."""
    with contextlib.suppress(OSError, ImportError, AttributeError):
        if sys.platform == "darwin":
            import fcntl

            return os.fsdecode(fcntl.fcntl(descriptor, fcntl.F_GETPATH, bytes(1024)).rstrip(b"\0"))
        return os.readlink(f"/proc/self/fd/{descriptor}")
    return os.sep
