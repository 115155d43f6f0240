import { tryDevice } from './try-serial-device.js';

tryDevice('freeeeg32');
