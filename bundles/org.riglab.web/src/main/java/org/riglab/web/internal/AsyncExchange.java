package org.riglab.web.internal;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import java.util.concurrent.atomic.AtomicBoolean;

/** An asynchronous request that is completed once, whatever ends it first. */
abstract class AsyncExchange implements AsyncListener {
  private final AsyncContext context;
  private final AtomicBoolean over = new AtomicBoolean();

  /**
   * @param context of the request; the subclass adds itself as a listener
   */
  AsyncExchange(AsyncContext context) {
    this.context = context;
  }

  /** Completes the request, unless that has been done. */
  final void end() {
    if (close()) {
      context.complete();
    }
  }

  private boolean close() {
    if (!over.compareAndSet(false, true)) {
      return false;
    }
    release();
    return true;
  }

  /** Called once, at the end. */
  void release() {}

  @Override
  public final void onComplete(AsyncEvent event) {
    close();
  }

  @Override
  public final void onTimeout(AsyncEvent event) {
    end();
  }

  @Override
  public final void onError(AsyncEvent event) {
    end();
  }

  @Override
  public final void onStartAsync(AsyncEvent event) {}
}
