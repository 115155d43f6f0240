declare global {
  interface SymbolConstructor {
    /** Where RxJS and others look for what they can take as an Observable. Not there in every engine. */
    readonly observable: symbol;
  }
}

export interface Observer<Value> {
  readonly next?: (value: Value) => void;
  readonly error?: (error: unknown) => void;
  readonly complete?: () => void;
}

export interface Unsubscribable {
  unsubscribe(): void;
}

/** What is subscribed to; RxJS takes it as it is: `from(subscriber.messages$).pipe(...)`. */
export interface InteropObservable<Value> {
  /** An observer, or a function for the values alone. @returns how to leave */
  subscribe(observer: Observer<Value> | ((value: Value) => void)): Unsubscribable;
  [Symbol.observable](): InteropObservable<Value>;
}

/** What goes to one observer, until it has left or all is said. An error of the observer's own is thrown apart. */
export type Sink<Value> = Required<Observer<Value>>;

const RXJS_KEY = '@@observable';

/**
 * The least of an Observable that others can make theirs.
 * @param join called with each new observer; gives how it leaves
 */
export function interopObservable<Value>(join: (sink: Sink<Value>) => () => void): InteropObservable<Value> {
  const observable = {
    subscribe: (observer: Observer<Value> | ((value: Value) => void)): Unsubscribable => {
      const { next, error, complete } = typeof observer === 'function' ? { next: observer } : observer;
      let isOver = false;
      const end = (): boolean => {
        const wasOver = isOver;
        isOver = true;
        return wasOver;
      };
      const leave = join({
        next: (value) => {
          if (!isOver) apart(() => next?.call(observer, value));
        },
        error: (reason) => {
          if (end()) return;
          apart(() => {
            if (error === undefined) throw reason;
            error.call(observer, reason);
          });
        },
        complete: () => {
          if (!end()) apart(() => complete?.call(observer));
        },
      });
      // Who left while joining has not been let go yet.
      if (isOver) leave();
      return {
        unsubscribe: () => {
          if (!end()) leave();
        },
      };
    },
  };
  for (const key of [RXJS_KEY, Reflect.get(Symbol, 'observable') as symbol | undefined]) {
    if (key !== undefined) Object.defineProperty(observable, key, { value: () => observable });
  }
  return observable as unknown as InteropObservable<Value>;
}

/** An observer that fails does not end what the others hear: its error is thrown where nobody waits for it. */
function apart(action: () => void): void {
  try {
    action();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
