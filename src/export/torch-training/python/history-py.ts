/** History as in `training/history.ts`: `tfjs_gan/history.py`. @internal */
export const historyPy: string = String.raw`"""The numbers of steps and epochs, as tfjs-gan keeps them."""

MOST, FIRST, NEWEST, MOST_BETWEEN = 20000, 100, 5000, 10000


def add(sums, numbers):
    for name, number in numbers.items():
        sums[name] = sums.get(name, 0) + number


def add_step(history, step):
    sums = history.setdefault('sums', {'seconds': 0, 'epoch': {'number': 0}, 'counts': {}})
    if sums['epoch']['number'] != step['epoch']:
        sums['epoch'] = {'number': step['epoch'], 'steps': 0, 'losses': {}, 'metrics': {}, 'seconds': 0}
        sums['counts'] = {'losses': {}, 'metrics': {}}
    sums['seconds'] += step['seconds']
    add(sums['epoch'], {'steps': 1, 'seconds': step['seconds']})
    for kind in ('losses', 'metrics'):
        add(sums['epoch'][kind], step[kind])
        add(sums['counts'][kind], {name: 1 for name in step[kind]})
    history['steps'].append(step)
    thin(history['steps'])


def close_epoch(history, number):
    """Adds the means over the steps of an epoch."""
    sums, counts = history['sums']['epoch'], history['sums']['counts']
    means = {kind: {name: value / counts[kind][name] for name, value in sums[kind].items()} for kind in ('losses', 'metrics')}
    history['epochs'].append({'number': number, 'steps': sums['steps'], 'seconds': sums['seconds'], **means})
    thin(history['epochs'])


def thin(entries):
    """Of a long list keeps the first and the newest entries, and the first of every 2, 4, 8, ... steps between them."""
    if len(entries) <= MOST:
        return
    between, stride = entries[FIRST:-NEWEST], 1
    while len(between) > MOST_BETWEEN:
        stride *= 2
        places = [entry['number'] // stride for entry in between]
        between = [entry for i, entry in enumerate(between) if i == 0 or places[i] != places[i - 1]]
    entries[FIRST:-NEWEST] = between
`;
