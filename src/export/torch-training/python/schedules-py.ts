/** Schedules as in `core/schedules`: `tfjs_gan/schedules.py`. @internal */
export const schedulesPy: string = String.raw`"""Numbers that change during a run. A schedule is a function of the progress: the step and the update that come, counted
from 1, and the plan of the run."""
import math

from tfjs_gan.settings import look_up


def share_at(points, last, step):
    """The share of a planned run that lies before a step; its points are joined by lines."""
    if last is not None and step >= last:
        return 1
    index = max((i for i, point in enumerate(points) if point['step'] <= step), default=-1)
    start = points[max(index, 0)]
    if index < 0:
        return start['share']
    if index + 1 < len(points):
        end = points[index + 1]
    elif last is None:
        return start['share']
    else:
        end = {'step': last, 'share': 1}
    return start['share'] + (end['share'] - start['share']) * (step - start['step']) / (end['step'] - start['step'])


def decay_share(settings, progress):
    """How much of a decay lies before an update, 0 to 1."""
    begin, end, hold = settings.get('begin', 0), settings.get('end'), settings.get('hold')

    def share(number, last):
        return min(1, max(0, (number - 1 - begin) / (last - begin)))

    def rest(done, first):
        return 1 if done >= 1 else max(0, (done - first) / (1 - first))

    if end is not None:
        return share(progress['update'], end)
    step, plan = progress['step'], progress['plan']
    last, points = plan.get('lastStep'), plan.get('points')
    if points is not None:
        return rest(share_at(points, last, step), share_at(points, last, begin) if hold is None else hold)
    if hold is not None:
        return rest((step - 1) / last, hold)
    return share(step, max(last, begin + 1))


def linear(settings):
    def value(progress):
        share = decay_share(settings, progress)
        return settings['from'] * (1 - share) + settings['to'] * share
    return value


def cosine(settings):
    def value(progress):
        turn = math.pi * decay_share(settings, progress)
        return settings['to'] + (settings['from'] - settings['to']) * (1 + math.cos(turn)) / 2
    return value


def step(settings):
    return lambda progress: settings['from'] * settings['factor'] ** ((progress['update'] - 1) // settings['every'])


def warmup(settings):
    full = schedule(settings, 'value')
    return lambda progress: min(1, progress['update'] / settings['updates']) * full(progress)


SCHEDULES = {'linear': linear, 'cosine': cosine, 'step': step, 'warmup': warmup}


def schedule(settings, name):
    """The number with a name as a function of the progress."""
    value = settings[name]
    if not isinstance(value, str):
        return lambda progress: value
    made = look_up(SCHEDULES, 'schedule', value, 'SCHEDULES in tfjs_gan/schedules.py')(settings.of(name))
    made({'step': 1, 'update': 1, 'plan': {'lastStep': 1000000}})
    return made
`;
