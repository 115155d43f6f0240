import { tryDevice } from './try-serial-device.js';

tryDevice('bis-vista');
