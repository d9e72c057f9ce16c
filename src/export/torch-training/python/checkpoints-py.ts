/** Reader and writer of checkpoints, as in `training/state/checkpoints`: `tfjs_gan/checkpoints.py`. @internal */
export const checkpointsPy: string = String.raw`"""The checkpoints of tfjs-gan: numbered folders with state.json, networks.json, weights.safetensors and SHA256SUMS.
Trainer.restore reads what is written here."""
import hashlib
import json
import math
import os
import re
import shutil
import struct
import sys

import numpy

KINDS = {'F32': '<f4', 'F64': '<f8'}
SHORT_LIST, MOST_FORMS = 100, 64


def read_tensors(content):
    length, = struct.unpack('<Q', content[:8])
    header, data = json.loads(content[8:8 + length]), memoryview(content)[8 + length:]
    header.pop('__metadata__', None)
    return {name: numpy.frombuffer(data[slice(*entry['data_offsets'])], KINDS[entry['dtype']]).reshape(entry['shape'])
            for name, entry in header.items()}


def write_tensors(arrays):
    """A safetensors file: wide numbers first, then by name."""
    header, parts, at = {}, [], 0
    for name in sorted(arrays, key=lambda name: (-arrays[name].dtype.itemsize, name)):
        array = arrays[name]
        kind = 'F64' if array.dtype == numpy.float64 else 'F32'
        data = numpy.ascontiguousarray(array, KINDS[kind]).tobytes()
        header[name] = {'dtype': kind, 'shape': list(array.shape), 'data_offsets': [at, at + len(data)]}
        parts.append(data)
        at += len(data)
    text = json.dumps(header, ensure_ascii=False, separators=(',', ':')).encode()
    text += b' ' * (-len(text) % 8)
    return b''.join([struct.pack('<Q', len(text)), text, *parts])


def put_together(part, arrays):
    """Plain data whose arrays, odd numbers and long lists were stored elsewhere."""
    if isinstance(part, list):
        return [put_together(member, arrays) for member in part]
    if not isinstance(part, dict):
        return part
    if '$tensor' in part:
        return arrays[part['$tensor']]
    if '$number' in part:
        return float(part['$number'])
    if '$table' in part:
        forms = part['$table'] if isinstance(part['$table'], list) else [part['$table']]
        tables = [arrays[form['rows']['$tensor']] for form in forms]
        rows = [iter(table.tolist()) for table in tables]
        order = put_together(part.get('order', {}), arrays)
        order = [0] * len(tables[0]) if order == {} else order.astype(int).tolist()
        return [filled(forms[form]['columns'], next(rows[form])) for form in order]
    return {name: put_together(member, arrays) for name, member in part.items()}


def filled(columns, row):
    return {name: filled(column, row) if isinstance(column, dict) else row[column] for name, column in columns.items()}


def take_apart(part, arrays, path=''):
    """The inverse: JSON, and the arrays by their paths."""
    def store(array, *names):
        name = '/'.join(filter(None, [path, *names]))
        arrays[name] = array
        return {'$tensor': name}

    if isinstance(part, numpy.ndarray):
        return store(part)
    if isinstance(part, float) and (not math.isfinite(part) or (part == 0 and math.copysign(1, part) < 0)):
        return {'$number': '-0' if part == 0 else 'NaN' if part != part else 'Infinity' if part > 0 else '-Infinity'}
    if isinstance(part, dict):
        return {name: take_apart(member, arrays, f'{path}/{name}' if path else name) for name, member in part.items()}
    if not isinstance(part, list):
        return part
    table = to_table(part) if len(part) >= SHORT_LIST else None
    if table is None:
        return [take_apart(member, arrays, f'{path}/{i}') for i, member in enumerate(part)]
    forms, order = table
    stored = {'$table': [{'columns': columns, 'rows': store(numpy.array(rows, float), str(i))}
                         for i, (columns, rows) in enumerate(forms)]}
    return stored if len(forms) == 1 else {**stored, 'order': store(numpy.array(order, float), 'order')}


def to_table(records):
    """Records of numbers as rows, by their forms; None for other lists."""
    forms, order = {}, []
    for record in records:
        row = []
        columns = columns_of(record, row)
        if columns is None:
            return None
        form = forms.setdefault(json.dumps(columns), (columns, []))
        form[1].append(row)
        order.append(list(forms).index(json.dumps(columns)))
    return (list(forms.values()), order) if len(forms) <= MOST_FORMS else None


def columns_of(record, row):
    if not isinstance(record, dict):
        return None
    columns = {}
    for name, member in record.items():
        if isinstance(member, (int, float)) and not isinstance(member, bool):
            columns[name] = len(row)
            row.append(member)
        else:
            columns[name] = columns_of(member, row)
            if columns[name] is None:
                return None
    return columns


def digest(data):
    return hashlib.sha256(data).hexdigest()


def numbered(folder):
    """Names of the checkpoints in a folder, newest first."""
    names = os.listdir(folder) if os.path.isdir(folder) else []
    found = [(int(match[1]), name) for name in names for match in [re.fullmatch(r'(\d{4,12})-step-\d{1,15}', name)] if match]
    return [name for _, name in sorted(found, reverse=True)]


class Checkpoint:
    """The files of a checkpoint as plain data."""

    def __init__(self, path):
        content = {}
        with open(os.path.join(path, 'SHA256SUMS')) as sums:
            for line in sums:
                wanted, name = line.split()
                with open(os.path.join(path, name), 'rb') as file:
                    content[name] = file.read()
                if digest(content[name]) != wanted:
                    raise ValueError(f'{name} does not have the checksum in SHA256SUMS')
        self.name = os.path.basename(path)
        self.description = json.loads(content['networks.json'])
        state = json.loads(content['state.json'])
        if state.get('format') != 1:
            raise SystemExit(f"Cannot train: the format of '{path}' must be 1, got {state.get('format')}. tfjs-gan "
                             f"{state.get('library')} wrote it: export train.py with that version")
        self.state = put_together(state, read_tensors(content['weights.safetensors']))
        self.snapshot = self.state['snapshot']

    def files(self):
        arrays = {}
        snapshot = take_apart(self.snapshot, arrays)
        state = {**take_apart({name: value for name, value in self.state.items() if name != 'snapshot'}, {}),
                 'snapshot': snapshot}
        texts = {'state.json': state, 'networks.json': self.description}
        files = {name: (json.dumps(text, ensure_ascii=False, indent=2) + '\n').encode() for name, text in texts.items()}
        return {**files, 'weights.safetensors': write_tensors(arrays)}


def read_newest(folder):
    """The newest checkpoint that is whole."""
    for name in numbered(folder):
        try:
            return Checkpoint(os.path.join(folder, name))
        except (OSError, ValueError, KeyError) as error:
            print(f'{name} is damaged: {error}', file=sys.stderr)
    raise SystemExit(f"Cannot train: '{folder}' must hold a checkpoint that is whole, got none. Train a step in tfjs-gan "
                     'with checkpoint(directoryStore(folder)) first')


def write(folder, checkpoint, keep):
    """Writes a checkpoint whole or not at all, and removes old ones."""
    names = numbered(folder)
    number = 1 + (int(names[0].split('-')[0]) if names else 0)
    checkpoint.name = f"{number:04d}-step-{checkpoint.snapshot['step']}"
    draft = os.path.join(folder, f'.{checkpoint.name}.tmp')
    shutil.rmtree(draft, ignore_errors=True)
    os.makedirs(draft)
    files = checkpoint.files()
    sums = ''.join(f'{digest(data)}  {name}\n' for name, data in files.items())
    for name, data in {**files, 'SHA256SUMS': sums.encode()}.items():
        with open(os.path.join(draft, name), 'wb') as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    sync_folder(draft)
    os.rename(draft, os.path.join(folder, checkpoint.name))
    sync_folder(folder)
    best = (checkpoint.state.get('best') or {}).get('name')
    for name in numbered(folder)[keep:]:
        if name != best:
            removed = os.path.join(folder, f'.{name}.removed')
            os.rename(os.path.join(folder, name), removed)
            shutil.rmtree(removed)


def sync_folder(path):
    """Flushes the names in a folder to the disk; Windows neither supports nor needs it."""
    if os.name == 'nt':
        return
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
`;
