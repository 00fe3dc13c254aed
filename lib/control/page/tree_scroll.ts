/**
 * How the fork tree scrolls: it follows the end of the chain until the reader goes elsewhere.
 *
 * @module
 */
import { useLayoutEffect, useRef, useState } from "hono/jsx/dom";
import { browser, type PageElement } from "../../page/browser.ts";
import { useEffect } from "../../page/use_effect.ts";

export interface TreeScroll {
  /** For the element that scrolls. */
  readonly scroller: { current: PageElement | null };
  readonly onScroll: () => void;
  /** All in pixels. */
  readonly left: number;
  readonly width: number;
  readonly fullWidth: number;
  readonly isFollowing: boolean;
  /** Follows the end, or stays where the page stands now. */
  follow(follows: boolean): void;
  /** Puts what stands at `x` into the middle. */
  centre(x: number): void;
  /** Does so only where it is not in sight. */
  reveal(x: number, size: number): void;
}

const WIDTH_DEFAULT = 1200;

/**
 * @param contentWidth how wide everything is together
 * @param slack how far the scroller may stand from where the page put it, and still follow
 */
export function useTreeScroll(contentWidth: number, slack: number): TreeScroll {
  const scroller = useRef<PageElement | null>(null);
  /** Where the page put the scroller last: anywhere else is where the reader went. */
  const followedTo = useRef(0);
  const [scrolledTo, setScrolledTo] = useState(0);
  const [width, setWidth] = useState(WIDTH_DEFAULT);
  const [isFollowing, setFollowing] = useState(true);
  const fullWidth = Math.max(contentWidth, width);
  // Computed, not read from the page: reading it would force another layout.
  const left = isFollowing ? fullWidth - width : scrolledTo;

  useEffect(() => {
    const resize = () => setWidth(scroller.current?.clientWidth ?? WIDTH_DEFAULT);
    resize();
    browser.addEventListener("resize", resize);
    return () => browser.removeEventListener("resize", resize);
  }, []);
  useLayoutEffect(() => {
    const place = scroller.current;
    if (place === null || !isFollowing) return;
    place.scrollLeft = fullWidth;
    followedTo.current = place.scrollLeft;
  }, [fullWidth, isFollowing, width]);

  function onScroll(): void {
    const place = scroller.current;
    if (place === null) return;
    if (isFollowing && Math.abs(place.scrollLeft - (followedTo.current ?? 0)) <= slack) return;
    setFollowing(false);
    setScrolledTo(place.scrollLeft);
  }

  function follow(follows: boolean): void {
    if (isFollowing) setScrolledTo(left);
    setFollowing(follows);
  }

  function centre(x: number): void {
    const place = scroller.current;
    if (place === null) return;
    place.scrollLeft = Math.max(0, x - width / 2);
    setScrolledTo(place.scrollLeft);
  }

  function reveal(x: number, size: number): void {
    const place = scroller.current;
    if (place === null) return;
    if (x < place.scrollLeft || x + size > place.scrollLeft + width) centre(x);
  }

  return { scroller, onScroll, left, width, fullWidth, isFollowing, follow, centre, reveal };
}
