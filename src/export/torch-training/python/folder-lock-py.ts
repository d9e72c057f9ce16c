/** The lock of a folder, as in `platforms/node/checkpoints`: `tfjs_gan/folder_lock.py`. @internal */
export const folderLockPy: string = String.raw`"""Keeps a folder of checkpoints to one process at a time, by the rules of tfjs-gan."""
import errno
import json
import os
import shutil
import socket

STALE = '.stale-lock-'


def start_of(pid):
    """When a process was started, as Linux counts; None if it is gone or the system does not say."""
    try:
        with open(f'/proc/{pid}/stat') as file:
            fields = file.read().rsplit(')', 1)[1].split()
        return None if fields[0] in 'ZX' else fields[19]
    except OSError:
        return None


def is_gone(owner):
    try:
        os.kill(owner['pid'], 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    return owner.get('started') is not None and start_of(owner['pid']) != owner['started']


def owner_of(place):
    """The owner of a lock; None if there is no lock, or a power failure left one without content."""
    try:
        with open(os.path.join(place, 'owner.json')) as file:
            owner = json.load(file)
    except (FileNotFoundError, ValueError):
        return None
    except OSError as error:
        raise SystemExit(f"Cannot train: the lock '{place}' must be readable, got {error}")
    return owner if isinstance(owner, dict) and isinstance(owner.get('pid'), int) else None


def moved(place, target):
    """Whether a folder could be moved to a place that must be free."""
    try:
        os.rename(place, target)
        return True
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            return False
        raise


def remove_if_gone(place, folder):
    """Moves the lock away if its owner has ended. The new place is named after the lock, as tfjs-gan names it, and stays
    occupied until the next owner has ended: a late process cannot move that owner's lock there."""
    try:
        found = os.stat(place)
        owner = owner_of(place)
        if owner is not None and (owner.get('host') != socket.gethostname() or not is_gone(owner)):
            raise SystemExit(f"Cannot train: '{folder}' must be free, got one that process {owner['pid']} on "
                             f"{owner.get('host')} writes to. If that run has ended, remove '{place}'")
        seconds, rest = divmod(found.st_mtime_ns, 10**9)
        time = seconds * 1000 + rest / 1e6
        moved(place, os.path.join(folder, f'{STALE}{found.st_ino}-{int(time) if time.is_integer() else time}'))
    except FileNotFoundError:
        pass  # Another process moved it first.


def lock(folder):
    """Keeps other runs from writing to the folder, tfjs-gan's own among them; takes over the lock of a killed process.
    Returns a function that ends it."""
    if not os.path.isdir(folder):
        return lambda: None
    place, draft = os.path.join(folder, 'lock'), os.path.join(folder, f'.lock-{os.getpid()}-1')
    own = {'pid': os.getpid(), 'host': socket.gethostname(), 'started': start_of(os.getpid()), 'claim': 1}
    own = {name: value for name, value in own.items() if value is not None}
    shutil.rmtree(draft, ignore_errors=True)
    os.makedirs(draft)
    try:
        with open(os.path.join(draft, 'owner.json'), 'w') as file:
            json.dump(own, file)
        while not moved(draft, place):
            remove_if_gone(place, folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise

    def unlock():
        if owner_of(place) != own:
            return
        for name in os.listdir(folder):
            if name.startswith(STALE):
                shutil.rmtree(os.path.join(folder, name), ignore_errors=True)
        # Moved before it is deleted: a partly deleted lock would look stale.
        if moved(place, draft):
            shutil.rmtree(draft)

    return unlock
`;
