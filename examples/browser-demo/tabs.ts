import { element } from './page.ts';

/** The tabs of the page; `#name` in its address opens one. */
const TABS = ['train', 'translate', 'tables'] as const;

export type Tab = (typeof TABS)[number];

/**
 * Lets tabs be chosen by pointer, by arrow keys, and by the address of the page.
 *
 * @param opened - Called when a tab opens.
 */
export function connectTabs(opened: (tab: Tab) => void): void {
  const buttonOf = (tab: Tab): HTMLElement => element(`tab-${tab}`, HTMLElement);
  const open = (tab: Tab): void => {
    for (const name of TABS) {
      const isOpen = name === tab;
      buttonOf(name).setAttribute('aria-selected', String(isOpen));
      buttonOf(name).tabIndex = isOpen ? 0 : -1;
      element(name, HTMLElement).hidden = !isOpen;
    }
    opened(tab);
  };
  const fromAddress = (): void => {
    open(TABS.find((tab) => location.hash === `#${tab}`) ?? 'train');
  };
  for (const [i, tab] of TABS.entries()) {
    buttonOf(tab).addEventListener('click', () => {
      history.replaceState(null, '', `#${tab}`);
      open(tab);
    });
    buttonOf(tab).addEventListener('keydown', ({ key }) => {
      const move = { ArrowLeft: -1, ArrowRight: 1 }[key];
      if (move === undefined) return;
      const next = buttonOf(TABS.at((i + move) % TABS.length)!);
      next.click();
      next.focus();
    });
  }
  addEventListener('hashchange', fromAddress);
  fromAddress();
}
