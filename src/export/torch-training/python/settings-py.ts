/** Settings of a run: `tfjs_gan/settings.py`. @internal */
export const settingsPy: string = String.raw`"""The settings of a run, by the names that its checkpoints have for them."""


class Settings:
    """Knows which settings were read: what nothing reads would be left out of the computation."""

    def __init__(self, values, known=None, prefix=''):
        self.values, self.known, self.prefix = values, set() if known is None else known, prefix

    def __getitem__(self, name):
        self.known.add(self.prefix + name)
        return self.values[self.prefix + name]

    def __contains__(self, name):
        return self.prefix + name in self.values

    def get(self, name, otherwise=None):
        return self[name] if name in self else otherwise

    def names(self, kind):
        """The parts of a kind: gradientPenalty in penalties.gradientPenalty.weight."""
        parts = [name.split('.')[1] for name in self.values if name.startswith(f'{kind}.')]
        return [part for part in dict.fromkeys(parts) if part != 'order']

    def of(self, name):
        """The settings of a part, by their own names."""
        return Settings(self.values, self.known, f'{self.prefix}{name}.')

    def refuse_rest(self):
        left = [name for name in self.values
                if name not in self.known and not name.startswith(('penalties.order.', 'constraints.order.'))]
        if left:
            raise SystemExit(f"Cannot train: the setting '{left[0]}' ({self.values[left[0]]}) must be one that these files "
                             f"compute, got one that nothing reads. Compute it in train.py, from settings['{left[0]}']")


def look_up(table, kind, name, place):
    """A part by its name; refuses one that is missing with the place to add it."""
    if name in table:
        return table[name]
    raise SystemExit(f"Cannot train: the {kind} '{name}' must be one of {', '.join(table)}. Add it to {place}")
`;
